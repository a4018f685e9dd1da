import Crypto

/// The bytes of a SHA-256, or of a SHA-1 with zeros behind it, in four words.
struct Digest: Equatable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var fourth: UInt64 = 0

    init() {}

    init(_ hash: SHA256Digest) {
        self = hash.withUnsafeBytes { bytes in
            var digest = Digest()
            digest.first = Self.word(0, of: bytes)
            digest.second = Self.word(1, of: bytes)
            digest.third = Self.word(2, of: bytes)
            digest.fourth = Self.word(3, of: bytes)
            return digest
        }
    }

    init(_ hash: Insecure.SHA1Digest) {
        self = hash.withUnsafeBytes { bytes in
            var digest = Digest()
            digest.first = Self.word(0, of: bytes)
            digest.second = Self.word(1, of: bytes)
            // The last 4 of 20 bytes.
            digest.third = UInt64(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))) << 32
            return digest
        }
    }

    @inline(__always)
    private static func word(_ index: Int, of bytes: UnsafeRawBufferPointer) -> UInt64 {
        // In halves, as the hash wrote them: a load across two recent stores waits for both.
        func half(_ offset: Int) -> UInt64 {
            UInt64(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8 + offset, as: UInt32.self)))
        }
        return half(0) << 32 | half(4)
    }

    /// Reads lower-case hex of exactly `byteCount` bytes. Anything else equals no hash.
    init?(hex: UnsafeBufferPointer<UInt8>, byteCount: Int) {
        guard hex.count == byteCount * 2 else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for index in 0..<hex.count {
            guard let digit = HexDigits.value(hex[index]) else { return nil }
            let shifted = UInt64(digit) << UInt64(60 - (index & 15) * 4)
            switch index >> 4 {
            case 0: words.0 |= shifted
            case 1: words.1 |= shifted
            case 2: words.2 |= shifted
            default: words.3 |= shifted
            }
        }
        (first, second, third, fourth) = words
    }

    static func sha256(
        _ text: UnsafeRawBufferPointer, salt: UnsafeRawBufferPointer, context: UnsafeRawBufferPointer
    ) -> Digest {
        var hash = SHA256()
        hash.update(bufferPointer: text)
        hash.update(bufferPointer: salt)
        hash.update(bufferPointer: context)
        return Digest(hash.finalize())
    }

    static func sha1(_ text: UnsafeRawBufferPointer) -> Digest {
        var hash = Insecure.SHA1()
        hash.update(bufferPointer: text)
        return Digest(hash.finalize())
    }

    /// The bucket, 0 to 99, of percentage options: the first seven hex digits of SHA-1(key + attribute) modulo 100.
    static func bucket(key: UnsafeRawBufferPointer, attribute: UnsafeRawBufferPointer) -> Int {
        var hash = Insecure.SHA1()
        hash.update(bufferPointer: key)
        hash.update(bufferPointer: attribute)
        let prefix = hash.finalize().withUnsafeBytes { word(0, of: $0) >> 36 }
        return Int(prefix % 100)
    }
}
