import ConfigCatCache
import ConfigCatEvaluation

/// A config with what is known of its download.
struct ConfigEntry: PolledEntry {
    var config: Config
    var eTag: String
    var fetchTime: Int64

    /// - Throws: `CacheEntryError` or `ConfigDecodingError`.
    init(serialized text: String) throws {
        let entry = try CacheEntry(serialized: text)
        config = try Config(json: entry.configJSON)
        eTag = entry.eTag
        fetchTime = entry.fetchTime
    }

    init(config: Config, eTag: String, fetchTime: Int64) {
        self.config = config
        self.eTag = eTag
        self.fetchTime = fetchTime
    }

    /// The entry in the form that all SDKs share.
    var serialized: String {
        CacheEntry(fetchTime: fetchTime, eTag: eTag, configJSON: config.document).serialized
    }

    func confirmed(at time: Int64) -> ConfigEntry {
        ConfigEntry(config: config, eTag: eTag, fetchTime: time)
    }

    func isSameConfig(as other: ConfigEntry) -> Bool {
        if !eTag.isEmpty || !other.eTag.isEmpty { return eTag.utf8.elementsEqual(other.eTag.utf8) }
        return config.isSameDocument(as: other.config)
    }
}
