package import ConfigCatCache
package import ConfigCatEvaluation

extension PollingStateMachine {
    /// What the owner of the state machine has to do.
    package enum Action {
        /// Read the cache. An entry older than the one held is not read whole, unless it is accepted.
        case readCache(held: Entry?, acceptsOlder: Bool)
        case startCacheTimer(milliseconds: Int64)
        case stopCacheTimer
        /// Download the config, dated by the store's clock if it was read.
        case fetch(held: Entry?, id: UInt64, store: StoreReading?)
        case cancelFetch
        case writeCache(Write)
        case acquireLease(id: UInt64)
        /// Let others download, once everything is written.
        case releaseLease
        case startLeaseTimer(milliseconds: Int64)
        case stopLeaseTimer
        /// Publish the held entry: it is another config now, or was confirmed later.
        case publish(Entry, Source, isNewConfig: Bool)
        case becomeReady(ClientCacheState)
        case startPollTimer(milliseconds: Int64)
        case stopPollTimer
        case startInitTimer(milliseconds: Int64)
        case stopInitTimer
        case resume([Waiter], RefreshResult)
        case log(LogRecord)
    }

    /// Where a config comes from.
    package enum Source: Sendable { case cdn, cache }

    /// An entry on its way to the cache.
    package struct Write: Sendable {
        package var entry: Entry
        /// Whether the cache probably has this config, so that a new fetch time is enough.
        package var isConfirmed: Bool
        /// The fetch time of an entry dated in the future which this one replaces.
        package var futureTime: Int64?

        package init(_ entry: Entry, isConfirmed: Bool, replacing futureTime: Int64? = nil) {
            self.entry = entry
            self.isConfirmed = isConfirmed
            self.futureTime = futureTime
        }
    }

    /// What a read of the cache gave.
    package struct CacheRead: Sendable {
        package enum Content: Sendable {
            case entry(Entry)
            /// The same as the last time.
            case unchanged
            /// No entry at all.
            case absent
            /// An entry that is older than the one held.
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
        /// Another process has it, for so many milliseconds at most.
        case held(milliseconds: Int64)
        case failed

        var isGranted: Bool { if case .granted = self { true } else { false } }
    }

    /// How a download ended.
    package enum FetchOutcome: Sendable {
        case entry(Entry)
        /// The config is current, as of this time.
        case notModified(EntryTime)
        /// 403 or 404: asking again soon makes no sense.
        case refused(RefreshResult, EntryTime)
        /// Any other failure, which may not happen the next time.
        case failed(RefreshResult)

        /// The name in metrics.
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
