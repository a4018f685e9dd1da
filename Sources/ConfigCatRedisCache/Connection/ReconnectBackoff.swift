/// How long to leave a server alone that could not be reached: 50 ms, doubled with each failure up to a second, and
/// shortened by up to half at random, so that a fleet does not come back in one moment.
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
