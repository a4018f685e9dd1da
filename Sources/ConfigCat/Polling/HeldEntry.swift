package import ConfigCatCache

/// What the state machine knows of a config: enough to decide, and nothing of how it is kept.
package protocol PollableEntry: Sendable {
    /// When it was asked for or last confirmed.
    var time: EntryTime { get set }
    /// The CDN's name for this content; may be empty.
    var eTag: String { get set }
    /// Returns whether both are the same config, whenever they were downloaded. The content decides; the ETag does not.
    func isSameConfig(as other: Self) -> Bool
}

extension PollableEntry {
    /// Returns the same config, confirmed at another time.
    package func confirmed(at time: EntryTime) -> Self {
        var confirmed = self
        confirmed.time = time
        return confirmed
    }
}

/// The config that a client holds, and the rules by which an entry of the cache takes its place.
package struct HeldEntry<Entry: PollableEntry>: Sendable {
    private enum Origin { case download, cache }

    /// An entry of the cache that is older than the one held and was not taken.
    private struct Refused {
        var since: Int64
        /// Nil if only its header was read.
        var entry: Entry?
    }

    /// What became of an entry of the cache.
    package enum Adoption: Equatable {
        /// It is another config than before.
        case replaced
        /// It is the config that was held, confirmed later.
        case confirmed
        /// What was held stays. The cache may need to be brought up to date.
        case kept(isCacheBehind: Bool)
    }

    package private(set) var entry: Entry?
    /// An ETag that the CDN has given to two configs.
    private var ambiguousETag: String?
    private var origin = Origin.cache
    private var refused: Refused?
    /// How long an older entry has to stay in the cache until it is taken, in milliseconds.
    private let patience: Int64

    package init(patience: Int64) { self.patience = patience }

    // MARK: - Downloads

    /// Takes a download, unless the cache has given a newer entry since it was asked for.
    ///
    /// - Returns: Whether it is another config than the one held; nil if it was not taken.
    package mutating func take(downloaded new: Entry, _ store: StoreReading?) -> Bool? {
        var new = new
        let isSame = entry?.isSameConfig(as: new) ?? false
        if let entry, isOvertaken(new.time, by: entry.time, isSame ? nil : store) { return nil }
        if let entry, !isSame {
            if new.eTag.utf8.elementsEqual(entry.eTag.utf8) { ambiguousETag = new.eTag }
        }
        // Without an ETag that names two configs, other processes compare the content.
        if let ambiguousETag, new.eTag.utf8.elementsEqual(ambiguousETag.utf8) { new.eTag = "" }
        set(new, .download)
        return !isSame
    }

    /// Returns whether the cache has given something later since a download was asked for.
    private func isOvertaken(_ asked: EntryTime, by held: EntryTime, _ store: StoreReading?) -> Bool {
        guard held.isAgeKnown, let store else { return asked.instant < held.instant }
        return asked.isOlder(than: held, by: store)
    }

    /// Notes that the config is current, as a download has shown.
    ///
    /// - Returns: Whether there is a config, and nothing later is known of it.
    package mutating func confirm(at time: EntryTime) -> Bool {
        guard let entry, !isOvertaken(time, by: entry.time, nil) else { return false }
        set(entry.confirmed(at: time), .download)
        return true
    }

    // MARK: - Entries of the cache

    /// Dates what is held by the store's clock.
    package mutating func date(by store: StoreReading) {
        if let time = entry?.time { entry?.time = time.dated(by: store) }
    }

    /// Takes an entry of the cache, unless it would replace a newer one: a cache that could not be written, or was restored
    /// to an older state, must not take a config back.
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

    /// Notes that the cache has an older entry, of which only the header was read.
    package mutating func refuse(now: Int64) -> Adoption { refuse(nil, now: now) }

    /// Notes that the cache has what it had before.
    package mutating func seeUnchanged(now: Int64) -> Adoption {
        guard let refused else { return .kept(isCacheBehind: false) }
        guard let entry = refused.entry, acceptsOlder(now: now) else {
            return .kept(isCacheBehind: origin == .download)
        }
        set(entry, .cache)
        return .replaced
    }

    /// Notes that the cache has no entry.
    package mutating func seeAbsent() -> Adoption {
        refused = nil
        return .kept(isCacheBehind: entry != nil)
    }

    /// Whether an older entry of the cache is taken. One that stays was written by another SDK on a host whose clock is
    /// behind: it is what the fleet has. A process that has downloaded knows better.
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
