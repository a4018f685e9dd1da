import ConfigCatEvaluation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension JSONValue {
    /// Returns the list of all configs.
    static func configs(_ configs: ServedConfigs) -> JSONValue {
        ["configs": .array(configs.all.map { JSONValue($0) })]
    }

    /// Creates the description of a config.
    init(_ config: ServedConfig) {
        let (document, upstream, overrides) = config.view
        let source =
            switch config.origin {
            case .file: "file"
            case .client: "sdk"
            }
        self = [
            "id": .string(config.id),
            "source": .string(source),
            "name": .string(config.name),
            "etag": JSONValue(document?.eTag),
            "version": JSONValue(document?.number ?? 0),
            "settings": JSONValue(upstream?.keys.count ?? 0),
            "overrides": JSONValue(overrides.count),
            "fetched": JSONValue(config.fetchTime.map(Self.time)),
            "problem": JSONValue(config.problem),
        ]
    }

    /// Creates an override.
    ///
    /// - Parameters:
    ///   - override: The override.
    ///   - config: The config whose setting it overrides; nil while there is no data.
    init(_ override: Override, in config: Config?) {
        let problem = config.flatMap { OverlaidDocument.problem(of: override, in: $0) }
        self = [
            "key": .string(override.key),
            "user": JSONValue(override.user),
            "value": JSONValue(override.value),
            "enabled": .bool(override.isEnabled),
            "updated": .string(Self.time(override.updated)),
            "problem": JSONValue(problem),
        ]
    }

    /// Creates the description of an SDK that has asked for the config.
    init(_ client: RequestJournal.Client, current: Int?) {
        self = [
            "sdk": JSONValue(client.sdk),
            "address": .string(client.address),
            "lastSeen": .string(Self.time(client.lastSeen)),
            "status": JSONValue(client.status),
            "version": client.version.map { JSONValue($0) } ?? .null,
            "isCurrent": .bool(client.version != nil && client.version == current),
            "requests": JSONValue(client.requests),
        ]
    }

    /// Returns a time in ISO 8601.
    static func time(_ date: Date) -> String { ISO8601.string(date.timeIntervalSince1970) }
}
