import ConfigCatCSHA

/// The cache key under which all ConfigCat SDKs, in any language, keep the config of an SDK key.
///
///     let value = try await cache.read(for: CacheKey.key(forSDKKey: sdkKey))
public enum CacheKey {
    /// Returns the cache key of an SDK key: the lower-case hex SHA-1 of `{sdkKey}_config_v6.json_v2`.
    ///
    /// - Parameter sdkKey: The SDK key.
    /// - Returns: 40 lower-case hex digits.
    public static func key(forSDKKey sdkKey: String) -> String {
        sha1("\(sdkKey)_config_v6.json_v2")
    }

    /// Returns the lower-case hex SHA-1 of a string.
    package static func sha1(_ string: String) -> String {
        var string = string
        let hash = string.withUTF8 { bytes in
            configcat_sha1(
                ConfigCatSHABytes(start: bytes.baseAddress, count: bytes.count), ConfigCatSHABytes(),
                ConfigCatSHABytes())
        }
        return hexDigits(hash.first, count: 16) + hexDigits(hash.second, count: 16)
            + hexDigits(hash.third >> 32, count: 8)
    }

    private static func hexDigits(_ number: UInt64, count: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: count - digits.count) + digits
    }
}
