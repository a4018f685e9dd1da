import ConfigCatPlatform
package import ConfigCat
package import ConfigCatCommandLine
import Dispatch
import Synchronization

/// Evaluates continuously on its own thread, as a server's requests do, and counts values that must not occur.
package final class EvaluationMonitor: Sendable {
    private struct State {
        var isRunning = true
        var highest = -1
        var evaluations = 0
        var wrong = 0
        var regressed = 0
        /// The nanoseconds of one evaluation, averaged over each batch.
        var latencies: [Double] = []
    }

    private static let batch = 50
    private static let pause: UInt32 = 10_000

    private let state = Mutex(State())

    package init() {}

    /// Notes the version that the client has just published.
    package func publish(_ version: Int) {
        state.withLock { state in
            if version < state.highest { state.regressed += 1 }
            state.highest = max(state.highest, version)
        }
    }

    /// Starts to evaluate, until ``stop()`` is called.
    package func start(_ client: ConfigCatClient) {
        DispatchQueue(label: "fleet.evaluations").async { [self] in
            var last = -1
            while state.withLock(\.isRunning) {
                usleep(Self.pause)
                let before = DispatchTime.now().uptimeNanoseconds
                var (lowest, latest) = (Int.max, last)
                for _ in 0..<Self.batch {
                    latest = client.snapshot().getValue(for: FleetCDN.key, defaultValue: -1)
                    lowest = min(lowest, latest)
                }
                let elapsed = Double(DispatchTime.now().uptimeNanoseconds - before) / Double(Self.batch)
                let seen = (lowest, latest, last)
                state.withLock { state in
                    state.evaluations += Self.batch
                    // A version lower than the last one is wrong; the default value is lower than every version.
                    if seen.0 < seen.2 { state.wrong += 1 }
                    if seen.1 >= 0 { state.latencies.append(elapsed) }
                }
                last = latest
            }
        }
    }

    /// Stops, and returns the counts and latencies as JSON.
    package func stop() -> JSONLine {
        state.withLock { state in
            state.isRunning = false
            var line = JSONLine()
            line.add("evaluations", state.evaluations)
            line.add("wrong", state.wrong)
            line.add("regressed", state.regressed)
            let percentiles = Percentiles(state.latencies)
            line.add("latencyMedian", json: Percentiles.number(percentiles?.median ?? 0))
            line.add("latencyP99", json: Percentiles.number(percentiles?.percentile99 ?? 0))
            return line
        }
    }
}
