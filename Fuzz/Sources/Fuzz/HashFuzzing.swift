import ConfigCatCSHA
import Crypto

/// Hashes three pieces of the input.
enum HashFuzzing {
    static func run(_ input: [UInt8]) {
        var reader = InputReader(input)
        // A piece can be longer than the two blocks that are compressed together.
        let pieces = [
            reader.bytes(reader.number(below: 200)), reader.bytes(reader.number(below: 200)), reader.remainder(),
        ]
        let whole = pieces.flatMap { $0 }
        let sha1 = Array(Insecure.SHA1.hash(data: whole))
        require(digest(configcat_sha1, pieces, byteCount: 20) == sha1, "\(pieces) have swift-crypto's SHA-1")
        require(digest(configcat_sha1_portable, pieces, byteCount: 20) == sha1, "\(pieces) have it in plain C too")
        let sha256 = Array(SHA256.hash(data: whole))
        require(digest(configcat_sha256, pieces, byteCount: 32) == sha256, "\(pieces) have swift-crypto's SHA-256")
        require(digest(configcat_sha256_portable, pieces, byteCount: 32) == sha256, "\(pieces) have it in plain C too")
    }

    private typealias Hash = (ConfigCatSHABytes, ConfigCatSHABytes, ConfigCatSHABytes) -> ConfigCatSHADigest

    private static func digest(_ hash: Hash, _ pieces: [[UInt8]], byteCount: Int) -> [UInt8] {
        // Each piece has its own memory of exactly its size, so that AddressSanitizer notices reads beyond it.
        let copies = pieces.map { piece in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
            copy.copyBytes(from: piece)
            return copy
        }
        defer { for copy in copies { copy.deallocate() } }
        let bytes = copies.map { ConfigCatSHABytes(start: $0.baseAddress, count: $0.count) }
        let digest = hash(bytes[0], bytes[1], bytes[2])
        let words = [digest.first, digest.second, digest.third, digest.fourth]
        return Array(
            words.flatMap { word in (1...8).map { UInt8(truncatingIfNeeded: word >> (64 - 8 * $0)) } }
                .prefix(byteCount))
    }
}
