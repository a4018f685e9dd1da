package import Metrics
import Synchronization

/// A backend for swift-metrics that writes all metrics as text in Prometheus' exposition format:
/// https://prometheus.io/docs/instrumenting/exposition_formats
///
/// It exists because swift-prometheus, which the field would use, cannot be resolved where this package is built.
///
/// | in swift-metrics | in the text |
/// |---|---|
/// | `Counter`, `FloatingPointCounter` | counter, with the suffix `_total` |
/// | `Meter`, `Gauge` | gauge |
/// | `Recorder` | summary without quantiles |
/// | `Timer` | histogram in seconds, with the suffix `_seconds` |
///
/// Nothing that a program does with labels and dimensions ends it: names that Prometheus does not allow are changed, two
/// metrics of different kinds with one name get different names, and after ``maximumSeries`` combinations of dimensions,
/// further ones are not recorded.
package final class TextMetrics: MetricsFactory {
    /// The greatest number of series, which are metrics with their dimensions. Each takes less than a kilobyte.
    package static let maximumSeries = 10_000

    /// The value of the header `Content-Type` for ``text``.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct State {
        var names = MetricNames()
        /// The series of each metric, by the metric's name and by their labels.
        var families: [String: [String: MetricSeries]] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// Creates a backend without metrics.
    package init() {}

    /// All metrics that have a value, sorted by name. Every metric is preceded by the lines of its help and its type.
    package var text: String {
        let (names, families) = state.withLock { ($0.names, $0.families) }
        var text = ""
        for name in names.all.sorted(by: { $0.name < $1.name }) {
            let series = (families[name.name] ?? [:]).values.sorted { $0.labels < $1.labels }
            var lines = ""
            for each in series { each.append(to: &lines) }
            if lines.isEmpty { continue }
            text += "# HELP \(name.name) \(name.help)\n# TYPE \(name.name) \(name.kind.rawValue)\n\(lines)"
        }
        return text
    }

    /// Returns the series of a label with its dimensions. Handlers with the same ones share it.
    private func make(_ label: String, _ dimensions: [(String, String)], _ kind: MetricKind) -> MetricSeries {
        let labels = MetricText.labels(dimensions)
        return state.withLock { state in
            guard let name = state.names.name(of: label, kind, canAdd: state.count < Self.maximumSeries) else {
                return MetricSeries("", labels, kind)
            }
            if let known = state.families[name]?[labels] { return known }
            let series = MetricSeries(name, labels, kind)
            // A series that is not listed can still be recorded to.
            guard state.count < Self.maximumSeries else { return series }
            state.families[name, default: [:]][labels] = series
            state.count += 1
            return series
        }
    }

    private func destroy(_ handler: AnyObject) {
        guard let series = handler as? MetricSeries else { return }
        state.withLock { state in
            guard state.families[series.name]?[series.labels] === series else { return }
            state.families[series.name]?[series.labels] = nil
            state.count -= 1
        }
    }

    // MARK: - MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        make(label, dimensions, .counter)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        FloatingPointSeries(make(label, dimensions, .counter))
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        make(label, dimensions, .gauge)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        make(label, dimensions, aggregate ? .summary : .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        make(label, dimensions, .histogram)
    }

    package func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        if let handler = handler as? FloatingPointSeries { destroy(handler.series) }
    }
    package func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }
}

/// A floating-point counter. It is a class of its own, because its `increment(by:)` ignores negative amounts, while that
/// of a meter with the same signature does not.
private final class FloatingPointSeries: FloatingPointCounterHandler {
    let series: MetricSeries

    init(_ series: MetricSeries) { self.series = series }

    func increment(by amount: Double) { series.count(amount) }
    func reset() { series.reset() }
}
