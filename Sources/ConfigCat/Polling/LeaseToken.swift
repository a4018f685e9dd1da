import Synchronization

/// Identifies a client's lease. Each lease has a token of its own, so that a release that is late does not end the next one.
final class LeaseToken: Sendable {
    private let client = String(UInt64.random(in: .min ... .max), radix: 36)
    private let number = Mutex(0)

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
