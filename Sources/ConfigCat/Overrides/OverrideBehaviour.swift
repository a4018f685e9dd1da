/// How local overrides and the downloaded config go together.
public enum OverrideBehaviour: Int, Sendable {
    /// Only the overrides are used: nothing is downloaded, no cache is read.
    case localOnly
    /// All settings of both; where both have one, the override wins.
    case localOverRemote
    /// All settings of both; where both have one, the downloaded one wins.
    case remoteOverLocal
}
