/// A store's time together with the time of this process at which it was read, to date downloads by the store's clock.
package struct StoreReading: Sendable, Equatable {
    /// The store's time.
    package var storeTime: Int64
    /// The moment at which the store's answer arrived, on the monotonic clock of this process. The store's clock was
    /// read at that moment or before.
    package var instant: Int64
    /// The moment at which the store was asked, on the same clock. The store's clock was read at that moment or later.
    package var asked: Int64
    /// The fetch time of the store's entry, if it is in the future by the store's clock.
    package var futureTime: Int64?

    /// Creates a reading.
    ///
    /// - Parameters:
    ///   - storeTime: The store's time.
    ///   - instant: When the store's answer arrived.
    ///   - asked: When the store was asked; `instant` if nil.
    ///   - futureTime: The fetch time of the store's entry, if it is in the future by the store's clock.
    package init(storeTime: Int64, instant: Int64, asked: Int64? = nil, futureTime: Int64? = nil) {
        self.storeTime = storeTime
        self.instant = instant
        self.asked = asked ?? instant
        self.futureTime = futureTime
    }

    /// Converts a moment of this process to the store's clock. The result may be too early, by at most the time that
    /// the store's answer took; it is never too late.
    package func storeTime(at instant: Int64) -> Int64 {
        guard instant != self.instant else { return storeTime }
        // Both clocks are rounded down to milliseconds, which may add up to one millisecond.
        return storeTime.addingClamped(instant.subtractingClamped(self.instant)).subtractingClamped(1)
    }

    /// Converts a moment of this process to the latest time that it may have been by the store's clock.
    package func latestStoreTime(at instant: Int64) -> Int64 {
        storeTime.addingClamped(instant.subtractingClamped(asked)).addingClamped(1)
    }

    /// Whether the answer took at most 100 ms, so that dates based on it are precise enough to keep.
    package var isExact: Bool { instant.subtractingClamped(asked) <= 100 }
}

extension Int64 {
    /// Adds without overflow, because times come from outside and may be any number.
    package func addingClamped(_ other: Int64) -> Int64 {
        let (sum, isOverflow) = addingReportingOverflow(other)
        return isOverflow ? (other < 0 ? .min : .max) : sum
    }

    /// Subtracts without overflow.
    package func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, isOverflow) = subtractingReportingOverflow(other)
        return isOverflow ? (other < 0 ? .max : .min) : difference
    }
}
