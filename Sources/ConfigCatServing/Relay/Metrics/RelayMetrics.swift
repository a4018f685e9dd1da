import Metrics
import Synchronization

/// The metrics of the relay's endpoints. Their dimensions have few values, whatever is requested, and no SDK keys.
final class RelayMetrics: Sendable {
    enum Endpoint: String, Sendable, CaseIterable {
        case eval, evalAll, keys, refresh, stream, ofrep, ofrepBulk, webhook
    }

    private struct Key: Hashable {
        var endpoint: Endpoint
        var status: Int
    }

    private let factory: any MetricsFactory
    private let counters = Mutex<[Key: Counter]>([:])
    private let timers: [Endpoint: Timer]
    private let streams: Meter

    init(factory: any MetricsFactory) {
        self.factory = factory
        timers = Dictionary(
            uniqueKeysWithValues: Endpoint.allCases.filter { $0 != .stream }.map { endpoint in
                (
                    endpoint,
                    Timer(
                        label: "configcat.relay.request.duration", dimensions: [("endpoint", endpoint.rawValue)],
                        factory: factory)
                )
            })
        streams = Meter(label: "configcat.relay.streams", factory: factory)
    }

    /// Records a response, and the time until it was ready to be sent.
    func record(_ endpoint: Endpoint, _ status: Int, _ duration: Duration) {
        let key = Key(endpoint: endpoint, status: status)
        let counter = counters.withLock { counters in
            if let counter = counters[key] { return counter }
            let counter = Counter(
                label: "configcat.relay.requests",
                dimensions: [("endpoint", endpoint.rawValue), ("status", "\(status)")],
                factory: factory)
            counters[key] = counter
            return counter
        }
        counter.increment()
        timers[endpoint]?.record(duration: duration)
    }

    func set(streams count: Int) { streams.set(count) }
}
