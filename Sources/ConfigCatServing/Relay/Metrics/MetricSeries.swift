import Metrics
import Synchronization

/// The kind of a metric, in Prometheus' words.
enum MetricKind: String, Sendable, Hashable {
    case counter, gauge, summary, histogram
}

/// One metric with one set of dimensions.
final class MetricSeries: CounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    /// The upper ends of the buckets of histograms, in seconds.
    static let buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// The metric's name; empty if the series is not listed.
    let name: String
    /// The dimensions as text: `name="value",…`.
    let labels: String
    let kind: MetricKind

    private struct State {
        /// The value of a counter or gauge, or the sum of a summary or histogram.
        var value = 0.0
        /// The number of values of a summary or histogram.
        var count = 0
        /// The number of values in each bucket of a histogram.
        var buckets: [Int] = []
        /// Whether there is a value. A gauge that was never set would look like one that is 0.
        var isSet: Bool
    }

    private let state: Mutex<State>

    init(_ name: String, _ labels: String, _ kind: MetricKind) {
        self.name = name
        self.labels = labels
        self.kind = kind
        state = Mutex(
            State(buckets: kind == .histogram ? Self.buckets.map { _ in 0 } : [], isSet: kind != .gauge))
    }

    /// Appends the lines of the series; none if it has no value.
    func append(to text: inout String) {
        let state = state.withLock { $0 }
        guard state.isSet else { return }
        switch kind {
        case .counter, .gauge: appendLine("", "", MetricText.number(state.value), to: &text)
        case .histogram:
            var sum = 0
            for (end, count) in zip(Self.buckets, state.buckets) {
                sum += count
                appendLine("_bucket", "le=\"\(MetricText.number(end))\"", String(sum), to: &text)
            }
            appendLine("_bucket", "le=\"+Inf\"", String(state.count), to: &text)
            fallthrough
        case .summary:
            appendLine("_sum", "", MetricText.number(state.value), to: &text)
            appendLine("_count", "", String(state.count), to: &text)
        }
    }

    private func appendLine(_ suffix: String, _ label: String, _ value: String, to text: inout String) {
        let all = labels.isEmpty || label.isEmpty ? labels + label : labels + "," + label
        text += name + suffix + (all.isEmpty ? "" : "{\(all)}") + " \(value)\n"
    }

    /// Adds to a counter. A counter never decreases, so other amounts than positive, finite ones are ignored.
    func count(_ amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        state.withLock { $0.value += amount }
    }

    private func add(_ value: Double) {
        state.withLock { state in
            state.value += value
            state.count += 1
            if kind == .histogram, let index = Self.buckets.firstIndex(where: { value <= $0 }) {
                state.buckets[index] += 1
            }
        }
    }

    // MARK: - Handlers

    func increment(by amount: Int64) { count(Double(amount)) }
    func reset() { state.withLock { $0.value = 0 } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLock { ($0.value, $0.isSet) = (value, true) } }
    func increment(by amount: Double) { state.withLock { ($0.value, $0.isSet) = ($0.value + amount, true) } }
    func decrement(by amount: Double) { increment(by: -amount) }
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { if kind == .gauge { set(value) } else { add(value) } }
    func recordNanoseconds(_ duration: Int64) { add(Double(duration) / 1e9) }
}
