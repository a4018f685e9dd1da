/// The names under which metrics are written. No two metrics of different kinds get names of which one could be taken for
/// a line of the other.
struct MetricNames: Sendable {
    /// The name of one metric.
    struct Name: Sendable {
        let name: String
        let kind: MetricKind
        let help: String
    }

    private struct Key: Hashable {
        var label: String
        var kind: MetricKind
    }

    private var names: [Key: String] = [:]
    private var metrics: [String: Name] = [:]
    /// The metric to which the name of a line belongs.
    private var owners: [String: String] = [:]

    /// The names of all metrics, in no order.
    var all: some Collection<Name> { metrics.values }

    /// Returns the name of a metric.
    ///
    /// - Parameters:
    ///   - label: The label in swift-metrics.
    ///   - kind: The kind.
    ///   - canAdd: Whether a name may be given to a new metric.
    /// - Returns: The name; nil if the metric is new and may not be added.
    mutating func name(of label: String, _ kind: MetricKind, canAdd: Bool) -> String? {
        let key = Key(label: label, kind: kind)
        if let known = names[key] { return known }
        guard canAdd else { return nil }
        var base = MetricText.name(label)
        if kind == .counter, !base.hasSuffix("_total") { base += "_total" }
        if kind == .histogram, !base.hasSuffix("_seconds") { base += "_seconds" }
        var name = base
        var number = 1
        while !isFree(name, kind) {
            name = number == 1 ? "\(base)_\(kind.rawValue)" : "\(base)_\(kind.rawValue)_\(number)"
            number += 1
        }
        names[key] = name
        if metrics[name] == nil {
            metrics[name] = Name(name: name, kind: kind, help: MetricText.help("\(label), from swift-metrics"))
            for line in Self.lines(of: name, kind) { owners[line] = name }
        }
        return name
    }

    /// Whether a metric can have this name, because none has it, or one of the same kind that it is merged with.
    private func isFree(_ name: String, _ kind: MetricKind) -> Bool {
        if let known = metrics[name] { return known.kind == kind }
        return Self.lines(of: name, kind).allSatisfy { owners[$0] == nil }
    }

    private static func lines(of name: String, _ kind: MetricKind) -> [String] {
        switch kind {
        case .counter, .gauge: [name]
        case .summary: [name, name + "_sum", name + "_count"]
        case .histogram: [name, name + "_sum", name + "_count", name + "_bucket"]
        }
    }
}

/// Names, labels and numbers in Prometheus' text format.
enum MetricText {
    /// Returns a name in which everything that Prometheus does not allow is an underscore.
    static func name(_ text: String, allowsColon: Bool = true) -> String {
        var name = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": name.unicodeScalars.append(scalar)
            case "0"..."9":
                if name.isEmpty { name = "_" }
                name.unicodeScalars.append(scalar)
            case ":" where allowsColon: name.append(":")
            default: name.append("_")
            }
        }
        return name.isEmpty ? "_" : name
    }

    /// Returns dimensions as labels, sorted by name. Names of labels are unique, and none is one that Prometheus reserves.
    static func labels(_ dimensions: [(String, String)]) -> String {
        var taken: Set<String> = ["le", "quantile"]
        var pairs: [(name: String, value: String)] = []
        for (name, value) in dimensions {
            var name = Self.name(name, allowsColon: false)
            if name.hasPrefix("__") { name = "label" + name }
            while !taken.insert(name).inserted { name += "_" }
            pairs.append((name, value))
        }
        return pairs.sorted { $0.name < $1.name }.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    }

    /// Returns a text for a `HELP` line.
    static func help(_ text: String) -> String { escape(text, quotes: false) }

    private static func escaped(_ value: String) -> String { escape(value, quotes: true) }

    private static func escape(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Returns a number as Prometheus writes it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int(exactly: value).map(String.init) ?? value.description
    }
}
