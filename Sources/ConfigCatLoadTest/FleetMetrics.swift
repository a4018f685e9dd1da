package import CoreMetrics
import Synchronization

/// Collects the counters that this process's clients record through swift-metrics.
package final class FleetMetrics: MetricsFactory {
    private let values = Mutex<[String: Int64]>([:])

    package init() {}

    /// Returns the sum of a counter over all its dimensions.
    package func total(_ label: String) -> Int {
        Int(values.withLock { $0.filter { $0.key == label || $0.key.hasPrefix(label + " ") }.values.reduce(0, +) })
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Recorder(name: ([label] + dimensions.map(\.1)).joined(separator: " "), metrics: self)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        NOOPMetricsHandler.instance
    }
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private final class Recorder: CounterHandler {
        let name: String
        let metrics: FleetMetrics

        init(name: String, metrics: FleetMetrics) {
            self.name = name
            self.metrics = metrics
        }

        func increment(by amount: Int64) { metrics.values.withLock { $0[name, default: 0] += amount } }
        func reset() { metrics.values.withLock { $0[name] = 0 } }
    }
}
