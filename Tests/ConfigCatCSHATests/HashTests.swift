import ConfigCatCSHA
import Crypto
import Foundation
import Testing

@Suite("SHA-1 and SHA-256")
struct HashTests {
    /// The functions that evaluations call, which use the processor's extensions if it has them, or the portable ones.
    enum Implementation: CaseIterable {
        case chosen
        case portable

        func sha1(_ pieces: [UInt8]...) -> String {
            hex(self == .chosen ? configcat_sha1 : configcat_sha1_portable, pieces, byteCount: 20)
        }

        func sha256(_ pieces: [UInt8]...) -> String {
            hex(self == .chosen ? configcat_sha256 : configcat_sha256_portable, pieces, byteCount: 32)
        }

        private typealias Function = (ConfigCatSHABytes, ConfigCatSHABytes, ConfigCatSHABytes) -> ConfigCatSHADigest

        /// Returns the digest of up to three pieces. The words after a shorter digest have to be 0.
        private func hex(_ function: Function, _ pieces: [[UInt8]], byteCount: Int) -> String {
            func bytes(_ buffer: UnsafeRawBufferPointer) -> ConfigCatSHABytes {
                ConfigCatSHABytes(start: buffer.baseAddress, count: buffer.count)
            }
            let pieces = pieces + Array(repeating: [], count: 3 - pieces.count)
            let digest = pieces[0].withUnsafeBytes { first in
                pieces[1].withUnsafeBytes { second in
                    pieces[2].withUnsafeBytes { third in function(bytes(first), bytes(second), bytes(third)) }
                }
            }
            let digits = [digest.first, digest.second, digest.third, digest.fourth].map { word in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined()
            #expect(digits.dropFirst(byteCount * 2).allSatisfy { $0 == "0" })
            return String(digits.prefix(byteCount * 2))
        }
    }

    /// One of NIST's examples for FIPS 180-4.
    struct Example: CustomTestStringConvertible {
        var message: String
        var sha1: String
        var sha256: String
        var testDescription: String { message.utf8.count > 112 ? "1,000,000 times a" : message }
    }

    static let examples = [
        Example(
            message: "", sha1: "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        Example(
            message: "abc", sha1: "a9993e364706816aba3e25717850c26c9cd0d89d",
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Example(
            message: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            sha1: "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
            sha256: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        Example(
            message: "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
                + "lmnopqrsmnopqrstnopqrstu",
            sha1: "a49b2446a02c645bf419f995b67091253a04a259",
            sha256: "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"),
        Example(
            message: String(repeating: "a", count: 1_000_000), sha1: "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
            sha256: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]

    @Test("NIST's examples have the digests that NIST gives", arguments: examples, Implementation.allCases)
    func nist(_ example: Example, _ implementation: Implementation) {
        let message = Array(example.message.utf8)
        #expect(implementation.sha1(message) == example.sha1)
        #expect(implementation.sha256(message) == example.sha256)
    }

    @Test(
        "up to 300 random bytes, in pieces, have the digests that swift-crypto computes",
        arguments: Implementation.allCases)
    func random(_ implementation: Implementation) {
        var generator = SplitMix(state: 4711)
        for length in 0...300 {
            for _ in 0..<4 {
                let message = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
                let sha1 = hex(Insecure.SHA1.hash(data: message)), sha256 = hex(SHA256.hash(data: message))
                let cuts = [Int.random(in: 0...length, using: &generator), .random(in: 0...length, using: &generator)]
                let (start, end) = (cuts.min() ?? 0, cuts.max() ?? 0)
                let pieces = [message[..<start], message[start..<end], message[end...]].map(Array.init)
                let comment: Comment = "\(length) bytes, cut at \(start) and \(end)"
                #expect(implementation.sha1(pieces[0], pieces[1], pieces[2]) == sha1, comment)
                #expect(implementation.sha256(pieces[0], pieces[1], pieces[2]) == sha256, comment)
            }
        }
    }

    @Test(
        "the processor's extensions are used if Linux reports them",
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/cpuinfo"), "needs /proc/cpuinfo"))
    func extensions() throws {
        #if arch(x86_64)
            let (line, needed): (String, Set<Substring>) = ("flags", ["sha_ni", "ssse3", "sse4_1"])
        #else
            let (line, needed): (String, Set<Substring>) = ("Features", ["sha1", "sha2"])
        #endif
        let information = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        let features = information.split(separator: "\n").first { $0.hasPrefix(line) }?.split { " \t".contains($0) }
        #expect(configcat_sha_uses_extensions() == needed.isSubset(of: features ?? []))
    }

    private func hex(_ digest: some Sequence<UInt8>) -> String {
        digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

/// A random number generator that returns the same numbers in each run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
