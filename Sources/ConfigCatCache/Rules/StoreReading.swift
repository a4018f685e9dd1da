/// What was known of a store's clock and entry at a moment of this process, which dates downloads by that clock.
package struct StoreReading: Sendable, Equatable {
    /// The store's time.
    package var storeTime: Int64
    /// The moment on the monotonic clock of this process at which the store's answer was there. The store's clock was read
    /// at that moment or before.
    package var instant: Int64
    /// The moment at which the store was asked, on the same clock: its clock was read at that moment or later.
    package var asked: Int64
    /// The fetch time of the store's entry, if it is in the future by the store's clock.
    package var futureTime: Int64?

    /// - Parameter asked: When the store was asked; when it answered if nil.
    package init(storeTime: Int64, instant: Int64, asked: Int64? = nil, futureTime: Int64? = nil) {
        self.storeTime = storeTime
        self.instant = instant
        self.asked = asked ?? instant
        self.futureTime = futureTime
    }

    /// Returns a moment of this process by the store's clock. The result may be too early by the time that the answer of the
    /// store took; it is never too late.
    package func storeTime(at instant: Int64) -> Int64 {
        guard instant != self.instant else { return storeTime }
        // Both clocks show whole milliseconds: what is cut off may add up to one.
        return storeTime.addingClamped(instant.subtractingClamped(self.instant)).subtractingClamped(1)
    }

    /// Returns a moment of this process by the store's clock, as late as it may have been.
    package func latestStoreTime(at instant: Int64) -> Int64 {
        storeTime.addingClamped(instant.subtractingClamped(asked)).addingClamped(1)
    }

    /// Whether the answer came soon enough to date something by it for good.
    package var isExact: Bool { instant.subtractingClamped(asked) <= 100 }
}

extension Int64 {
    /// Adds without overflow: times come from outside, and may be any number.
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
