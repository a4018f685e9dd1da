import Metrics
import Synchronization

/// A client's metrics, for swift-metrics. All names begin with `configcat.`.
struct ClientMetrics: Sendable {
    private let fetches: [String: Counter]
    private let leasesWon = Counter(label: "configcat.leases", dimensions: [("result", "won")])
    private let leasesLost = Counter(label: "configcat.leases", dimensions: [("result", "lost")])
    private let headerReads = Counter(label: "configcat.cache.header_reads")
    private let reads = Counter(label: "configcat.cache.reads")
    private let writes = Counter(label: "configcat.cache.writes")
    private let timestampRefreshes = Counter(label: "configcat.cache.renewals")
    private let readErrors = Counter(label: "configcat.cache.errors", dimensions: [("operation", "read")])
    private let writeErrors = Counter(label: "configcat.cache.errors", dimensions: [("operation", "write")])
    private let leaseErrors = Counter(label: "configcat.cache.errors", dimensions: [("operation", "lease")])
    private let pushes = Counter(label: "configcat.cache.pushes")
    private let entryAge = Gauge(label: "configcat.entry.age_seconds")
    private let syncTime = LazyGauge(label: "configcat.sync.timestamp_seconds")
    private let timeToReady = Timer(label: "configcat.time_to_ready")

    enum CacheOperation { case read, write, lease }

    init() {
        fetches = Dictionary(
            uniqueKeysWithValues: ["new", "not_modified", "refused", "failed"].map {
                ($0, Counter(label: "configcat.fetches", dimensions: [("result", $0)]))
            })
    }

    func fetched(_ result: String) { fetches[result]?.increment() }
    func lease(isGranted: Bool) { (isGranted ? leasesWon : leasesLost).increment() }
    func headerRead() { headerReads.increment() }
    func cacheRead() { reads.increment() }
    func cacheWrite() { writes.increment() }
    func timestampRefresh() { timestampRefreshes.increment() }
    func push() { pushes.increment() }
    func entryAge(milliseconds: Int64) { entryAge.record(Double(milliseconds) / 1000) }
    /// Records when the CDN was asked for the config that is evaluated, in Unix milliseconds.
    func synced(at time: Int64) { syncTime.gauge.record(Double(time) / 1000) }
    func ready(after duration: Duration) { timeToReady.record(duration: duration) }

    func cacheError(_ operation: CacheOperation) {
        switch operation {
        case .read: readErrors.increment()
        case .write: writeErrors.increment()
        case .lease: leaseErrors.increment()
        }
    }
}

/// A gauge that is created when it is first recorded. A backend would show a gauge that was never recorded as 0.
private final class LazyGauge: Sendable {
    private let label: String
    private let made = AtomicLazyReference<Gauge>()

    init(label: String) { self.label = label }

    var gauge: Gauge { made.load() ?? made.storeIfNil(Gauge(label: label)) }
}
