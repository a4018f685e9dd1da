public import ConfigCatEvaluation

/// A change of a client's config, or its first config.
public struct ConfigChange: Sendable {
    /// The source of a config.
    public enum Source: String, Sendable {
        /// The client downloaded it.
        case cdn
        /// The client read it from the cache.
        case cache
        /// Local overrides became available or changed.
        case override
    }

    /// The config that is evaluated from now on, overrides included.
    public let config: Config
    /// The source of the change.
    public let source: Source
    /// The ETag of the downloaded config; empty if it has none.
    public let eTag: String
    /// The keys of settings that were added, changed or removed. A change of something that a setting refers to, such
    /// as a segment, does not count.
    public let changedKeys: [String]
    /// A snapshot to evaluate the config with.
    public let snapshot: ConfigCatClientSnapshot
}
