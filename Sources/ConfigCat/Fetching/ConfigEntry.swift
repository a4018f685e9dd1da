import ConfigCatCache
import ConfigCatEvaluation

/// A config with the ETag and the time of its download.
struct ConfigEntry: PollableEntry {
    var config: Config
    var eTag: String
    var time: EntryTime

    /// Returns the entry in the form in which caches store it. The clock that dates the cache's entries gives its fetch
    /// time, the moment at which the config was asked for.
    func cacheEntry(fetchTime: Int64) -> CacheEntry {
        CacheEntry(fetchTime: fetchTime, eTag: eTag, configJSON: config.document)
    }

    func isSameConfig(as other: ConfigEntry) -> Bool { config.isSameDocument(as: other.config) }
}
