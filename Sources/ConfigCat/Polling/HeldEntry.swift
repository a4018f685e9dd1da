package import ConfigCatCache

/// The config that a client holds, and the rules by which an entry of the cache replaces it.
package struct HeldEntry<Entry: PollableEntry>: Sendable {
    private enum Origin { case download, cache }

    /// An entry of the cache that was not adopted because it is older than the held one.
    private struct Refused {
        var since: Int64
        /// Nil if only its header was read.
        var entry: Entry?
    }

    /// The result of reading the cache.
    package enum Adoption: Equatable {
        /// The client holds another config than before.
        case replaced
        /// The client holds the same config, which was confirmed later.
        case confirmed
        /// The client holds the same entry. If the cache is behind, the entry should be written to it.
        case kept(isCacheBehind: Bool)
    }

    package private(set) var entry: Entry?
    /// An ETag that the CDN has used for two configs.
    private var ambiguousETag: String?
    private var origin = Origin.cache
    private var refused: Refused?
    /// The time for which an older entry has to stay in the cache until it is adopted, in milliseconds.
    private let patience: Int64

    package init(patience: Int64) { self.patience = patience }

    // MARK: - Downloads

    /// Adopts a download, unless a newer entry has been read from the cache since it was asked for.
    ///
    /// - Returns: Whether it is another config than the held one; nil if it was not adopted.
    package mutating func take(downloaded new: Entry, _ store: StoreReading?) -> Bool? {
        var new = new
        let isSame = entry?.isSameConfig(as: new) ?? false
        if let entry, isOvertaken(new.time, by: entry.time, isSame ? nil : store) { return nil }
        if let entry, !isSame {
            if new.eTag.utf8.elementsEqual(entry.eTag.utf8) { ambiguousETag = new.eTag }
        }
        // An ETag that was used for two configs is removed, so that other processes compare the content.
        if let ambiguousETag, new.eTag.utf8.elementsEqual(ambiguousETag.utf8) { new.eTag = "" }
        set(new, .download)
        return !isSame
    }

    /// Returns whether the held entry is newer than a download that was asked for at a given time.
    private func isOvertaken(_ asked: EntryTime, by held: EntryTime, _ store: StoreReading?) -> Bool {
        guard held.isAgeKnown, let store else { return asked.instant < held.instant }
        return asked.isOlder(than: held, by: store)
    }

    /// Records that the CDN confirmed the config.
    ///
    /// - Returns: Whether there is a config, and it has not been confirmed later.
    package mutating func confirm(at time: EntryTime) -> Bool {
        guard let entry, !isOvertaken(time, by: entry.time, nil) else { return false }
        set(entry.confirmed(at: time), .download)
        return true
    }

    // MARK: - Entries of the cache

    /// Dates the held entry by the store's clock.
    package mutating func date(by store: StoreReading) {
        if let time = entry?.time { entry?.time = time.dated(by: store) }
    }

    /// Adopts an entry of the cache, unless it is older than the held one. A cache that could not be written, or was
    /// restored to an older state, must not bring back an older config.
    package mutating func adopt(_ read: Entry, _ store: StoreReading?, now: Int64) -> Adoption {
        guard let held = entry else {
            set(read, .cache)
            return .replaced
        }
        if read.isSameConfig(as: held) {
            refused = nil
            guard read.time.instant > held.time.instant else { return .kept(isCacheBehind: false) }
            var confirmed = read
            confirmed.time = read.time.confirming(held.time)
            set(confirmed, .cache)
            return .confirmed
        }
        if read.time.isOlder(than: held.time, by: store), !acceptsOlder(now: now) { return refuse(read, now: now) }
        set(read, .cache)
        return .replaced
    }

    /// Records that the cache has an older entry, of which only the header was read.
    package mutating func refuse(now: Int64) -> Adoption { refuse(nil, now: now) }

    /// Records that the cache has the same entry as at the last read, which may be adopted now.
    package mutating func seeUnchanged(now: Int64) -> Adoption {
        guard let refused else { return .kept(isCacheBehind: false) }
        guard let entry = refused.entry, acceptsOlder(now: now) else {
            return .kept(isCacheBehind: origin == .download)
        }
        set(entry, .cache)
        return .replaced
    }

    /// Records that the cache has no entry.
    package mutating func seeAbsent() -> Adoption {
        refused = nil
        return .kept(isCacheBehind: entry != nil)
    }

    /// Returns whether an older entry of the cache is adopted. If such an entry stays in the cache, another SDK on a
    /// host whose clock is behind wrote it, and the rest of the fleet uses it. A process that downloaded its own entry
    /// does not adopt it.
    package func acceptsOlder(now: Int64) -> Bool {
        if origin == .download { return false }
        if patience == 0 { return true }
        return refused.map { now.subtractingClamped($0.since) >= patience } ?? false
    }

    private mutating func refuse(_ read: Entry?, now: Int64) -> Adoption {
        refused = Refused(since: refused?.since ?? now, entry: read ?? refused?.entry)
        return .kept(isCacheBehind: origin == .download)
    }

    private mutating func set(_ new: Entry, _ origin: Origin) {
        entry = new
        self.origin = origin
        refused = nil
    }
}
