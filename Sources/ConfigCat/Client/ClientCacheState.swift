/// How current a client's config is.
///
///     if await client.waitForReady() == .noFlagData { … }
public enum ClientCacheState: Int, Sendable {
    /// There is no config; evaluations return default values.
    case noFlagData
    /// There are local overrides only.
    case hasLocalOverrideFlagDataOnly
    /// The config may be outdated: it expired, or the client polls only on request.
    case hasCachedFlagDataOnly
    /// The config is not older than the polling interval.
    case hasUpToDateFlagData
}
