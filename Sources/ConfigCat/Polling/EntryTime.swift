package import ConfigCatCache

/// The time at which a config was asked for or last confirmed, by several clocks.
package struct EntryTime: Sendable, Equatable {
    /// By the clock of the process that wrote the entry, in Unix milliseconds. It is shown to users, and written to
    /// caches that have no clock.
    package var fetchTime: Int64
    /// On the monotonic clock of this process. For an entry of unknown age, when this process first saw the entry.
    package var instant: Int64
    /// By the store's clock; nil if the store has none, or was not read before the download.
    package var storeTime: Int64?
    /// Whether the age is known. The age of an entry that is dated in the future is unknown, because it was written by
    /// a clock that was ahead, or the clock has been set back since.
    package var isAgeKnown: Bool

    package init(fetchTime: Int64, instant: Int64, storeTime: Int64? = nil, isAgeKnown: Bool = true) {
        self.fetchTime = fetchTime
        self.instant = instant
        self.storeTime = storeTime
        self.isAgeKnown = isAgeKnown
    }

    /// The difference, in milliseconds, up to which neither of two entries of a cache without a clock counts as older.
    /// It allows for the inexact clocks of hosts.
    package static let clockTolerance: Int64 = 50

    /// Returns the time with a date by the store's clock, if it has none, or if that clock has been set back to before
    /// the date.
    package func dated(by store: StoreReading?) -> EntryTime {
        guard let store, isAgeKnown, needsDate(by: store) else { return self }
        var dated = self
        dated.storeTime = store.storeTime(at: instant)
        return dated
    }

    private func needsDate(by store: StoreReading) -> Bool { storeTime.map { $0 > store.storeTime } ?? true }

    /// Returns the latest possible time, by the store's clock, at which the entry was asked for.
    private func latestStoreTime(by store: StoreReading?) -> Int64? {
        guard let store, needsDate(by: store) else { return storeTime }
        return store.latestStoreTime(at: instant)
    }

    /// Returns whether an entry of the cache is older than the one held. The store's clock is nil if it has none.
    package func isOlder(than held: EntryTime, by store: StoreReading?) -> Bool {
        // If an age is unknown, the entry that this process got later is newer.
        guard isAgeKnown else { return instant <= held.instant }
        guard held.isAgeKnown else { return false }
        // The latest possible time is used, so that a store that was slow to report its time does not make the held
        // entry look old.
        if let time = storeTime, let heldTime = held.latestStoreTime(by: store) { return time < heldTime }
        return instant.addingClamped(Self.clockTolerance) < held.instant
    }

    /// Returns the time of an entry that is the same config as the held one.
    package func confirming(_ held: EntryTime) -> EntryTime {
        guard !isAgeKnown, held.isAgeKnown else { return self }
        // The config counts as fresh from now on, but keeps its known dates.
        var confirmed = held
        confirmed.instant = instant
        return confirmed
    }
}
