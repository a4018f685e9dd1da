/// The latencies of requests, in milliseconds.
struct Percentiles {
    private let sorted: [Double]

    init(_ latencies: [Double]) { sorted = latencies.sorted() }

    /// Returns the latency that a share of the requests did not exceed; nil if there were none.
    func at(_ share: Double) -> Double? {
        sorted.isEmpty ? nil : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}
