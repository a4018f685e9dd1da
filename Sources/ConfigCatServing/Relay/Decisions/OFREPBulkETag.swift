import ConfigCatEvaluation
import Crypto

/// The ETag of OFREP's answer for all settings.
///
/// It depends on nothing but the config and the user, so that one replica of a relay answers 304 to a client that has the
/// answer of another one.
struct OFREPBulkETag: Sendable, Equatable {
    /// The ETag in quotes, as in the header.
    let text: String

    /// Creates the ETag of an answer.
    ///
    /// - Parameters:
    ///   - eTag: The ETag of the config, which is equal for equal configs in all replicas.
    ///   - user: The user that the context became; nil if the context is empty. Its description has the attributes in a
    ///     fixed order, because those of a context are sorted.
    init(eTag: String, user: ConfigCatUser?) {
        // The length separates the parts. The number at the front is to be changed if the form of the answer changes.
        let content = "1 \(eTag.utf8.count) \(eTag) \(user?.description ?? "")"
        let digits = SHA256.hash(data: Array(content.utf8)).prefix(16)
        text = "\"" + digits.map { Self.hex($0 >> 4) + Self.hex($0 & 15) }.joined() + "\""
    }

    /// Returns whether the value of the header `If-None-Match` contains this ETag (RFC 9110, section 13.1.2).
    func matches(ifNoneMatch header: String?) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { candidate in
            var candidate = candidate.drop { $0 == " " || $0 == "\t" }
            while candidate.last == " " || candidate.last == "\t" { candidate.removeLast() }
            if candidate.hasPrefix("W/") { candidate = candidate.dropFirst(2) }
            return candidate == "*" || candidate == text
        }
    }

    private static func hex(_ digit: UInt8) -> String { String(digit, radix: 16) }
}
