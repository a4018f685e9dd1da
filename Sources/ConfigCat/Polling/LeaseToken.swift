import Synchronization

/// Identifies a client's lease. Each lease has a token of its own, so that a release that is late does not end the next one.
final class LeaseToken: Sendable {
    private let client: String
    private let number = Mutex(0)

    /// - Parameter client: A number that no other client has.
    init(client: UInt64) { self.client = String(client, radix: 36) }

    /// The token of the lease that the client has or asks for.
    var current: String { token(number.withLock { $0 }) }

    /// Returns the token of the lease that ends now; the next one has another.
    func next() -> String {
        token(
            number.withLock { number in
                defer { number += 1 }
                return number
            })
    }

    private func token(_ number: Int) -> String { "\(client)-\(number)" }
}
