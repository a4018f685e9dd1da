import ConfigCatCache

/// The events from which a client's health is computed. It has no clock: each event has the time on a monotonic clock,
/// in milliseconds.
struct HealthRecord: Sendable {
    private struct Sync {
        var source: ClientHealth.Source
        /// When the client learned that its config is current.
        var time: Int64
        /// When the CDN was asked for the config.
        var asked: Int64
    }

    private(set) var isReady = false
    private var sync: Sync?
    private var failures = 0
    private var lastFailure: (code: RefreshErrorCode, message: String, time: Int64)?
    private var readError: String?
    private var writeError: String?
    private var isListening = false

    // MARK: - Events

    mutating func becameReady() { isReady = true }

    /// Records that a config was adopted or confirmed.
    ///
    /// - Parameters:
    ///   - source: The source of the config or of the confirmation.
    ///   - asked: When this process, or another, asked the CDN for it.
    ///   - now: The time.
    mutating func synced(_ source: ClientHealth.Source, asked: Int64, now: Int64) {
        sync = Sync(source: source, time: now, asked: asked)
        (failures, lastFailure) = (0, nil)
    }

    mutating func downloadFailed(_ result: RefreshResult, now: Int64) {
        failures += 1
        lastFailure = (result.errorCode, result.error ?? "", now)
    }

    /// Records the error of a read of the cache; nil if it succeeded.
    mutating func cacheRead(_ error: String?) { readError = error }
    /// Records the error of a write to the cache; nil if it succeeded.
    mutating func cacheWritten(_ error: String?) { writeError = error }
    /// Records whether the client listens to the change signals of its cache.
    mutating func listens(_ isListening: Bool) { self.isListening = isListening }

    // MARK: - State

    /// The state of the client at the moment at which its health is read.
    struct Present {
        var isOffline = false
        var isClosed = false
        var isForked = false
        var isLocalOnly = false
        var cache: CacheKind?
    }

    /// Whether a cache has change signals.
    enum CacheKind {
        /// It has no change signals.
        case silent
        /// It has change signals.
        case notifying
        /// It has change signals, and reports whether it receives them.
        case reporting(isSubscribed: Bool)
    }

    func health(_ present: Present, now: Int64) -> ClientHealth {
        func age(_ time: Int64) -> Duration { .milliseconds(max(0, now.subtractingClamped(time))) }
        return ClientHealth(
            isReady: isReady || present.isClosed, isOffline: present.isOffline, isClosed: present.isClosed,
            isForked: present.isForked,
            isLocalOnly: present.isLocalOnly, configAge: sync.map { age($0.asked) },
            lastSync: sync.map { ClientHealth.Sync(source: $0.source, age: age($0.time)) },
            consecutiveFailures: failures,
            lastFailure: lastFailure.map {
                ClientHealth.Failure(code: $0.code, message: $0.message, age: age($0.time))
            },
            cache: present.cache.map {
                CacheHealth(readError: readError, writeError: writeError, subscription: subscription(of: $0))
            })
    }

    private func subscription(of cache: CacheKind) -> CacheHealth.Subscription {
        switch cache {
        case .silent: .unsupported
        case .notifying: isListening ? .active : .inactive
        case .reporting(let isSubscribed): isListening && isSubscribed ? .active : .inactive
        }
    }
}
