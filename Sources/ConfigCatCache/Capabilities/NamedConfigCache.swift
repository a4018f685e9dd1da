/// A cache that knows the name of the system in which it keeps its data, for traces.
public protocol NamedConfigCache: ConfigCache {
    /// The name of the system, as OpenTelemetry's attribute `db.system.name` has it: `redis`, `sqlite`; for systems
    /// without a name there, a word in lower case such as `file`. It never contains addresses or credentials.
    var systemName: String { get }
}
