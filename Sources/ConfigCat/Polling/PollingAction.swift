package import ConfigCatCache
package import ConfigCatEvaluation

extension PollingStateMachine {
    /// An action that the owner of the state machine has to perform.
    package enum Action {
        /// Read the cache. An entry that is older than the held one is read whole only if older entries are accepted.
        case readCache(held: Entry?, acceptsOlder: Bool)
        case startCacheTimer(milliseconds: Int64)
        case stopCacheTimer
        /// Download the config. It is dated by the store's clock, if that was read.
        case fetch(held: Entry?, id: UInt64, store: StoreReading?)
        case cancelFetch
        case writeCache(Write)
        case acquireLease(id: UInt64)
        /// Release the lease after all entries have been written.
        case releaseLease
        case startLeaseTimer(milliseconds: Int64)
        case stopLeaseTimer
        /// Publish the held entry, which is another config than before, or was confirmed later.
        case publish(Entry, Source, isNewConfig: Bool)
        case becomeReady(ClientCacheState)
        case startPollTimer(milliseconds: Int64)
        case stopPollTimer
        case startInitTimer(milliseconds: Int64)
        case stopInitTimer
        case resume([Waiter], RefreshResult)
        case log(LogRecord)
    }

    /// The source of a config.
    package enum Source: Sendable { case cdn, cache }

    /// A write of an entry to the cache.
    package struct Write: Sendable {
        package var entry: Entry
        /// Whether the cache probably has this config, so that a new fetch time is enough.
        package var isConfirmed: Bool
        /// The fetch time of the stored entry that this one replaces, if that is dated in the future.
        package var futureTime: Int64?

        package init(_ entry: Entry, isConfirmed: Bool, replacing futureTime: Int64? = nil) {
            self.entry = entry
            self.isConfirmed = isConfirmed
            self.futureTime = futureTime
        }
    }

    /// The result of a read of the cache.
    package struct CacheRead: Sendable {
        package enum Content: Sendable {
            case entry(Entry)
            /// The same entry as at the last read.
            case unchanged
            /// No entry.
            case absent
            /// An entry that is older than the held one.
            case older
            case failed
        }

        package var content: Content
        /// The store's clock; nil if it has none, or the read failed.
        package var store: StoreReading?

        var hasFailed: Bool { if case .failed = content { true } else { false } }

        package init(_ content: Content, store: StoreReading? = nil) {
            self.content = content
            self.store = store
        }
    }

    /// The answer to a request for the lease.
    package enum Lease: Sendable {
        case granted
        /// Another process has it, at most for this time.
        case held(milliseconds: Int64)
        case failed

        var isGranted: Bool { if case .granted = self { true } else { false } }
    }

    /// The result of a download.
    package enum FetchOutcome: Sendable {
        case entry(Entry)
        /// Status 304: the config was current at this time.
        case notModified(EntryTime)
        /// Status 403 or 404: the request should not be repeated soon.
        case refused(RefreshResult, EntryTime)
        /// Any other failure, which may be transient.
        case failed(RefreshResult)

        /// The name of the result in metrics.
        var name: String {
            switch self {
            case .entry: "new"
            case .notModified: "not_modified"
            case .refused: "refused"
            case .failed: "failed"
            }
        }
    }
}
