import ConfigCatCommandLine

/// The median, the 99th percentile and the maximum of some values.
package struct Percentiles: Sendable {
    package let median: Double
    package let percentile99: Double
    /// The maximum.
    package let worst: Double

    /// Computes the percentiles; nil if there are no values.
    package init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let last = sorted.last else { return nil }
        func at(_ share: Double) -> Double {
            sorted[min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.down)))]
        }
        median = at(0.5)
        percentile99 = at(0.99)
        worst = last
    }

    package var json: String {
        var line = JSONLine()
        line.add("median", json: Self.number(median))
        line.add("p99", json: Self.number(percentile99))
        line.add("worst", json: Self.number(worst))
        return line.text
    }

    package func text(_ unit: String) -> String {
        "\(Self.number(median)) / \(Self.number(percentile99)) / \(Self.number(worst)) \(unit)"
    }

    /// Returns a number with at most three decimal places.
    package static func number(_ value: Double) -> String {
        let rounded = (value * 1000).rounded() / 1000
        return rounded == rounded.rounded() && rounded.magnitude < 1e15 ? String(Int64(rounded)) : String(rounded)
    }
}
