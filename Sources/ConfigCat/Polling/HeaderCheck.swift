package import ConfigCatCache

/// The decision, based on the header of a stored entry, whether the whole entry has to be read.
package enum HeaderCheck<Entry: PollableEntry> {
    /// The header was enough.
    case done(PollingStateMachine<Entry>.CacheRead.Content)
    case readWhole

    /// Decides whether a stored entry has to be read whole.
    ///
    /// - Parameters:
    ///   - header: The header of the stored entry.
    ///   - time: When that entry was asked for.
    ///   - store: The store's clock.
    ///   - held: The entry that the client holds.
    ///   - last: The header of the entry that was last read whole.
    ///   - acceptsOlder: Whether the client adopts an older entry.
    package init(
        _ header: CacheEntryHeader, time: EntryTime, store: StoreReading, held: Entry?, last: CacheEntryHeader?,
        acceptsOlder: Bool
    ) {
        if let held {
            if !header.eTag.isEmpty, header.eTag.utf8.elementsEqual(held.eTag.utf8) {
                self = .done(.entry(held.confirmed(at: time)))
                return
            }
            if !acceptsOlder, time.isOlder(than: held.time, by: store) {
                self = .done(.older)
                return
            }
        }
        let isKnown = last.map { $0.fetchTime == header.fetchTime && $0.hasETag(of: header) } ?? false
        self = isKnown ? .done(.unchanged) : .readWhole
    }
}
