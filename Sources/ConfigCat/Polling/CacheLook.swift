package import ConfigCatCache

/// Decides what the beginning of an entry is good for: to know that nothing is new, or that the whole has to be read.
package enum CacheLook<Entry: PolledEntry> {
    /// This is what the look came to.
    case done(PollingStateMachine<Entry>.CacheRead)
    case readWhole

    /// - Parameters:
    ///   - header: What is in the cache; nil if nothing is.
    ///   - held: What the client holds.
    ///   - last: The header of what was last read whole.
    ///   - acceptsOlder: Whether an older entry is of use.
    ///   - now: The time of this process; the header brings its age.
    package init(
        header: CacheEntryHeader?, held: Entry?, last: CacheEntryHeader?, acceptsOlder: Bool, now: Int64
    ) {
        guard let header else {
            self = .done(.absent)
            return
        }
        let time = Self.time(of: header.age, now: now)
        if let held {
            if !header.eTag.isEmpty, header.eTag.utf8.elementsEqual(held.eTag.utf8) {
                self = .done(.entry(held.confirmed(at: time)))
                return
            }
            if time < held.fetchTime - PollingStateMachine<Entry>.clockTolerance, !acceptsOlder {
                self = .done(.older)
                return
            }
        }
        let isKnown = last.map {
            $0.fetchTime == header.fetchTime && $0.eTag.utf8.elementsEqual(header.eTag.utf8)
        }
        self = isKnown ?? false ? .done(.nothingNew) : .readWhole
    }

    /// An age as a time of this process's clock.
    package static func time(of age: Int64, now: Int64) -> Int64 { now - min(max(0, age), now) }
}
