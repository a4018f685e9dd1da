package import ConfigCatCache

/// When a config was asked for or last confirmed, by each of the clocks that matter.
package struct EntryTime: Sendable, Equatable {
    /// By the clock of whoever wrote the entry, in Unix milliseconds. Users see it, and a cache without a clock is given it.
    package var fetchTime: Int64
    /// On the monotonic clock of this process. For an entry of unknown age, when this process first saw the entry.
    package var instant: Int64
    /// By the store's clock; nil if the store has none, or was not read before the download.
    package var storeTime: Int64?
    /// Whether the age is known. An entry dated in the future was written by a clock that was ahead, or has been set back
    /// since: its date says nothing.
    package var isAgeKnown: Bool

    package init(fetchTime: Int64, instant: Int64, storeTime: Int64? = nil, isAgeKnown: Bool = true) {
        self.fetchTime = fetchTime
        self.instant = instant
        self.storeTime = storeTime
        self.isAgeKnown = isAgeKnown
    }

    /// How much two entries of a cache without a clock may differ before one is older, in milliseconds: hosts' clocks are not
    /// exact.
    package static let clockTolerance: Int64 = 50

    /// Dates an own download by the store's clock, if that has not been done, or if the store's clock has been set back to
    /// before the date.
    package func dated(by store: StoreReading?) -> EntryTime {
        guard let store, isAgeKnown, needsDate(by: store) else { return self }
        var dated = self
        dated.storeTime = store.storeTime(at: instant)
        return dated
    }

    private func needsDate(by store: StoreReading) -> Bool { storeTime.map { $0 > store.storeTime } ?? true }

    /// Returns when the entry was asked for by the store's clock, as late as that may have been.
    private func latestStoreTime(by store: StoreReading?) -> Int64? {
        guard let store, needsDate(by: store) else { return storeTime }
        return store.latestStoreTime(at: instant)
    }

    /// Returns whether an entry of the cache is older than the one held.
    ///
    /// - Parameters:
    ///   - held: The time of the entry that is held.
    ///   - store: The store's clock, if it has one.
    package func isOlder(than held: EntryTime, by store: StoreReading?) -> Bool {
        // Which of two is newer, if a date says nothing: the one that came to this process later.
        guard isAgeKnown else { return instant <= held.instant }
        guard held.isAgeKnown else { return false }
        // A store that took long to say what time it is must not make what is held look old.
        if let time = storeTime, let heldTime = held.latestStoreTime(by: store) { return time < heldTime }
        return instant.addingClamped(Self.clockTolerance) < held.instant
    }

    /// Returns the time of an entry that was seen to be the same config as the one held.
    package func confirming(_ held: EntryTime) -> EntryTime {
        guard !isAgeKnown, held.isAgeKnown else { return self }
        // It is fresh for a while; when it was asked for is what was known before.
        var confirmed = held
        confirmed.instant = instant
        return confirmed
    }
}
