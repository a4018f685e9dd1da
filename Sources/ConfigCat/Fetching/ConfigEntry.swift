import ConfigCatCache
import ConfigCatEvaluation

/// A config with what is known of its download.
struct ConfigEntry: PollableEntry {
    var config: Config
    var eTag: String
    var time: EntryTime

    /// The entry as a cache stores it.
    ///
    /// - Parameter fetchTime: When it was asked for, by the clock that the cache goes by.
    func cacheEntry(fetchTime: Int64) -> CacheEntry {
        CacheEntry(fetchTime: fetchTime, eTag: eTag, configJSON: config.document)
    }

    func isSameConfig(as other: ConfigEntry) -> Bool { config.isSameDocument(as: other.config) }
}
