/// The pause before the next attempt to reach a server: 50 ms, doubled with each failure up to a second, and shortened
/// randomly by up to half, so that the processes of a fleet do not reconnect at the same moment.
struct ReconnectBackoff: Sendable {
    private(set) var failures = 0

    private static let first: Double = 0.05
    private static let longest: Double = 1

    mutating func succeeded() { failures = 0 }

    mutating func failed(using random: inout some RandomNumberGenerator) -> Duration {
        failures += 1
        var seconds = Self.first
        for _ in 1..<failures where seconds < Self.longest { seconds *= 2 }
        return .seconds(min(seconds, Self.longest) * Double.random(in: 0.5...1, using: &random))
    }
}
