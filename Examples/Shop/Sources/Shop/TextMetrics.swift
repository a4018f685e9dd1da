import Metrics
import Synchronization

/// A small backend for swift-metrics that writes all metrics as text in Prometheus' format. A real service would use
/// swift-prometheus or swift-otel.
final class TextMetrics: MetricsFactory {
    private let series = Mutex<[String: Series]>([:])

    /// All metrics, each with the line of its type.
    var text: String {
        let all = series.withLock { $0.values.sorted { $0.name < $1.name } }
        var lines: [String] = []
        var previous = ""
        for each in all {
            if each.metric != previous { lines.append("# TYPE \(each.metric) \(each.kind)") }
            previous = each.metric
            lines += each.lines
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Returns the series of a label and its dimensions. Handlers with the same ones share it.
    private func make(_ label: String, _ dimensions: [(String, String)], _ kind: Series.Kind) -> Series {
        let series = Series(label, dimensions, kind)
        return self.series.withLock { all in
            if let known = all[series.name] { return known }
            all[series.name] = series
            return series
        }
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        make(label, dimensions, .counter)
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        make(label, dimensions, .gauge)
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        make(label, dimensions, aggregate ? .summary : .gauge)
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        make(label + ".seconds", dimensions, .summary)
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}

/// One metric with one set of dimensions.
private final class Series: CounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    enum Kind: String { case counter, gauge, summary }

    let metric: String
    let name: String
    let kind: Kind
    private let labels: String
    private let state = Mutex((sum: 0.0, count: 0))

    init(_ label: String, _ dimensions: [(String, String)], _ kind: Kind) {
        metric = Self.name(label) + (kind == .counter ? "_total" : "")
        let pairs = dimensions.map { "\(Self.name($0.0))=\"\(Self.escaped($0.1))\"" }
        labels = pairs.isEmpty ? "" : "{" + pairs.joined(separator: ",") + "}"
        name = metric + labels
        self.kind = kind
    }

    var lines: [String] {
        let (sum, count) = state.withLock { $0 }
        guard kind == .summary else { return ["\(name) \(sum)"] }
        return ["\(metric)_sum\(labels) \(sum)", "\(metric)_count\(labels) \(count)"]
    }

    func increment(by amount: Int64) { state.withLock { $0.sum += Double(amount) } }
    func increment(by amount: Double) { state.withLock { $0.sum += amount } }
    func decrement(by amount: Double) { state.withLock { $0.sum -= amount } }
    func reset() { state.withLock { $0 = (0, 0) } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLock { $0 = (value, 1) } }
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        state.withLock { $0 = kind == .gauge ? (value, 1) : ($0.sum + value, $0.count + 1) }
    }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    /// Returns a name in which all characters that Prometheus does not allow are underscores.
    private static func name(_ label: String) -> String {
        String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
