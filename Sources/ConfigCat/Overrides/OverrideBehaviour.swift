/// The way in which local overrides and the downloaded config are combined.
public enum OverrideBehaviour: Int, Sendable {
    /// Only the overrides are used. The client downloads nothing and reads no cache.
    case localOnly
    /// The settings of both are used. If both contain a setting, the override is used.
    case localOverRemote
    /// The settings of both are used. If both contain a setting, the downloaded one is used.
    case remoteOverLocal
}
