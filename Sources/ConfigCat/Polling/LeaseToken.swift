import Synchronization

/// Identifies a client's lease. Each lease has its own token, so that a late release does not end the next lease.
final class LeaseToken: Sendable {
    private let client: String
    private let number = Mutex(0)

    /// Creates the tokens of a client.
    ///
    /// - Parameter client: A number that is unique to the client.
    init(client: UInt64) { self.client = String(client, radix: 36) }

    /// The token of the lease that the client has or requests.
    var current: String { token(number.withLock { $0 }) }

    /// Returns the token of the lease that ends now, and changes the current token.
    func next() -> String {
        token(
            number.withLock { number in
                defer { number += 1 }
                return number
            })
    }

    private func token(_ number: Int) -> String { "\(client)-\(number)" }
}
