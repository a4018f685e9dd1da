import ConfigCatCache

/// A call of a cache, as a span with the attributes of OpenTelemetry's conventions for databases:
/// https://opentelemetry.io/docs/specs/semconv/db/database-spans/
enum CacheCall: String {
    case readHeader, read, write, refreshTimestamp, acquireLease, releaseLease

    /// The name of the span.
    private var summary: String {
        switch self {
        case .readHeader: "read config header"
        case .read: "read config"
        case .write: "write config"
        case .refreshTimestamp: "refresh config timestamp"
        case .acquireLease: "acquire config lease"
        case .releaseLease: "release config lease"
        }
    }

    func operation(on cache: any ConfigCache) -> OperationTracing.Operation {
        let system = (cache as? any NamedConfigCache)?.systemName ?? "\(type(of: cache))"
        return OperationTracing.Operation(
            name: summary, isRemote: system != "in_memory",
            attributes: [
                ("db.system.name", .string(system)), ("db.operation.name", .string(rawValue)),
                ("db.query.summary", .string(summary)),
            ])
    }

    static func outcome(of error: any Error) -> OperationTracing.Outcome {
        OperationTracing.Outcome(
            errorType: error is CancellationError ? "cancelled" : "\(type(of: error))", message: "\(error)")
    }
}
