import ConfigCatCSHA

/// The bytes of a SHA-256, or of a SHA-1 followed by zeros, in four words.
struct Digest: Equatable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var fourth: UInt64 = 0

    init() {}

    private init(_ hash: ConfigCatSHADigest) {
        (first, second, third, fourth) = (hash.first, hash.second, hash.third, hash.fourth)
    }

    /// Creates a digest from lower-case hex; nil if it is anything else or does not stand for `byteCount` bytes, a
    /// multiple of four.
    init?(hex: UnsafeBufferPointer<UInt8>, byteCount: Int) {
        guard hex.count == byteCount * 2 else { return nil }
        let hex = UnsafeRawBufferPointer(hex)
        var words = SIMD4<UInt64>()
        for index in 0..<hex.count / 8 {
            let digits = UInt64(bigEndian: hex.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
            guard let half = HexDigits.number(digits) else { return nil }
            words[(index / 2) & 3] |= UInt64(half) << (index % 2 == 0 ? 32 : 0)
        }
        (first, second, third, fourth) = (words[0], words[1], words[2], words[3])
    }

    static func sha256(
        _ text: UnsafeRawBufferPointer, salt: UnsafeRawBufferPointer, context: UnsafeRawBufferPointer
    ) -> Digest {
        Digest(configcat_sha256(ConfigCatSHABytes(text), ConfigCatSHABytes(salt), ConfigCatSHABytes(context)))
    }

    static func sha1(_ text: UnsafeRawBufferPointer) -> Digest {
        Digest(configcat_sha1(ConfigCatSHABytes(text), ConfigCatSHABytes(), ConfigCatSHABytes()))
    }

    /// Returns the bucket of percentage options, 0 to 99: the first 7 hex digits of SHA-1(key + attribute) modulo 100.
    static func bucket(key: UnsafeRawBufferPointer, attribute: UnsafeRawBufferPointer) -> Int {
        let hash = configcat_sha1(ConfigCatSHABytes(key), ConfigCatSHABytes(attribute), ConfigCatSHABytes())
        return Int((hash.first >> 36) % 100)
    }
}

extension ConfigCatSHABytes {
    fileprivate init(_ bytes: UnsafeRawBufferPointer) { self.init(start: bytes.baseAddress, count: bytes.count) }
}
