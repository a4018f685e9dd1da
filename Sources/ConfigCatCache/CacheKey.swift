import Crypto

/// The key under which all ConfigCat SDKs, in any language, keep an SDK key's config.
public enum CacheKey {
    /// The lower-case hex SHA-1 of `{sdkKey}_config_v6.json_v2`.
    ///
    /// - Parameter sdkKey: The SDK key.
    public static func key(forSDKKey sdkKey: String) -> String {
        sha1("\(sdkKey)_config_v6.json_v2")
    }

    /// The lower-case hex SHA-1 of a text.
    package static func sha1(_ text: String) -> String {
        let digest = Insecure.SHA1.hash(data: Array(text.utf8))
        let digits = Array("0123456789abcdef")
        return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
