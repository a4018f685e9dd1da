import Crypto
import Synchronization

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// The token that clients of the development API and of the operator's endpoints have to know.
///
/// The page gets a cookie for it, which is valid until the server ends.
package final class AccessToken: Sendable {
    package static let cookieName = "configcat-session"
    /// Tokens that are shorter could be guessed.
    package static let minimumLength = 16

    private let digest: SHA256.Digest
    private let session: String
    /// The failed attempts of this minute, and its number.
    private let failures = Mutex((minute: 0, count: 0))
    private static let failuresPerMinute = 30

    package init(_ token: String) {
        digest = SHA256.hash(data: Data(token.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data(token.utf8), using: SymmetricKey(size: .bits256))
        session = Data(code).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The value of the cookie.
    package var cookie: String { session }

    /// Returns whether a request knows the token.
    ///
    /// - Parameters:
    ///   - authorization: The value of the header `Authorization`.
    ///   - cookie: The value of the cookie.
    /// - Returns: Whether one of them is right.
    package func accepts(authorization: String?, cookie: String?) -> Bool {
        if let authorization, let token = Self.bearer(authorization) { return accepts(token) }
        return cookie.map { SHA256.hash(data: Data($0.utf8)) == SHA256.hash(data: Data(session.utf8)) } ?? false
    }

    /// Returns whether this is the token. Digests are compared, in constant time.
    package func accepts(_ token: String) -> Bool { SHA256.hash(data: Data(token.utf8)) == digest }

    /// Records a wrong token.
    ///
    /// - Returns: Whether there were too many within this minute.
    package func recordFailure(now: Date = Date()) -> Bool {
        let minute = Int(now.timeIntervalSince1970 / 60)
        return failures.withLock { failures in
            if failures.minute != minute { failures = (minute, 0) }
            failures.count += 1
            return failures.count > Self.failuresPerMinute
        }
    }

    private static func bearer(_ authorization: String) -> String? {
        let prefix = "bearer "
        guard authorization.lowercased().hasPrefix(prefix) else { return nil }
        return String(authorization.dropFirst(prefix.count))
    }
}

/// The token that is in force; it can change while the server runs.
package final class AccessControl: Sendable {
    private let current: Mutex<AccessToken?>

    package init(token: String?) { current = Mutex(token.map(AccessToken.init)) }

    /// The token; nil if none is needed.
    package var token: AccessToken? { current.withLock { $0 } }

    /// Replaces the token, which ends all sessions. If it is the same, they stay.
    package func replace(with token: String?) {
        current.withLock { current in
            if let token, current?.accepts(token) == true { return }
            current = token.map(AccessToken.init)
        }
    }
}
