/// What the layers of a cache said last of one key, on the clock of the layered cache.
///
/// Each layer has a clock of its own. The layered cache has one too, which never goes back: entries are dated by it on their
/// way in, and by the layer's clock on their way out. Both conversions can only make an entry older, by the time that a
/// layer took to answer.
struct LayerReadings: Sendable {
    private struct Layer {
        var reading: StoreReading
        /// The header as the layer has it.
        var stored: CacheEntryHeader?
        /// The header's fetch time on the clock of the layered cache.
        var fetchTime: Int64
        /// False if the date was in the future when it was first seen.
        var isAgeKnown: Bool
        /// Until when the entry is disregarded, if it does not change.
        var disregardedUntil: Int64
        /// When the entry was first seen.
        var firstSeen: Int64
        /// Whether the entry could not be read since the layer answered last.
        var isLost = false
    }

    private var layers: [Int: Layer] = [:]
    /// The layer whose header was given to a client that may read the rest.
    private var announced: Int?
    private var lastAnnounced: Int?

    mutating func announce(_ index: Int) { (announced, lastAnnounced) = (index, index) }

    /// Counts a layer's entry as missing for a while, or until it changes.
    mutating func disregard(_ index: Int, until time: Int64) {
        layers[index]?.disregardedUntil = time
        layers[index]?.isLost = true
    }

    /// Counts the entry that was announced last as missing until it changes.
    mutating func disregardLast() {
        if let lastAnnounced { disregard(lastAnnounced, until: .max) }
    }

    /// Returns whether an entry is the one whose header a layer has given, or a later one of the same config.
    func announces(_ header: CacheEntryHeader, of index: Int) -> Bool {
        guard let stored = layers[index]?.stored else { return false }
        return stored.hasETag(of: header) && header.fetchTime >= stored.fetchTime
    }

    mutating func takeAnnounced() -> Int? {
        defer { announced = nil }
        return announced
    }

    /// The header that a layer has, on the clock of the layered cache.
    struct Header: Sendable {
        var header: CacheEntryHeader
        /// The header with the latest one is the freshest: its fetch time; for one dated in the future, when it was first seen.
        var rank: Int64
        var isAgeKnown: Bool
    }

    /// Takes what a layer answered, and returns its header on the clock of the layered cache.
    ///
    /// - Parameters:
    ///   - answer: The layer's answer.
    ///   - index: Which layer it is.
    ///   - asked: When it was asked, on the clock of the layered cache.
    ///   - answered: When it had answered.
    mutating func add(
        _ answer: CacheHeaderReading, of index: Int, asked: Int64, answered: Int64
    ) -> Header? {
        let stored = answer.header
        let isFuture = stored.map { $0.fetchTime > answer.storeTime } ?? false
        let futureTime = isFuture ? stored?.fetchTime : nil
        let last = layers[index]
        let isSame = stored != nil && last?.stored == stored
        // An entry that has not changed keeps its time, however long the layer took this time.
        let fetchTime = isSame ? last?.fetchTime : nil
        let isAgeKnown = isSame ? last?.isAgeKnown ?? !isFuture : !isFuture
        let layer = Layer(
            reading: StoreReading(storeTime: answer.storeTime, instant: answered, futureTime: futureTime),
            stored: stored,
            fetchTime: fetchTime
                ?? (isFuture ? answered : asked).addingClamped(
                    (stored?.fetchTime ?? 0).subtractingClamped(answer.storeTime)),
            isAgeKnown: isAgeKnown, disregardedUntil: isSame ? last?.disregardedUntil ?? .min : .min,
            firstSeen: isSame ? last?.firstSeen ?? answered : answered)
        layers[index] = layer
        return header(of: index, at: answered)
    }

    /// Returns the header that a layer had when it answered last.
    ///
    /// - Parameters:
    ///   - index: Which layer it is.
    ///   - now: The time on the clock of the layered cache.
    func header(of index: Int, at now: Int64) -> Header? {
        guard let layer = layers[index], layer.disregardedUntil <= now else { return nil }
        return layer.stored.map { stored in
            Header(
                header: CacheEntryHeader(fetchTime: layer.fetchTime, eTag: stored.eTag),
                rank: layer.isAgeKnown ? layer.fetchTime : layer.firstSeen, isAgeKnown: layer.isAgeKnown)
        }
    }

    /// Returns the header of a layer that does not answer now; nil if nobody could read its entry.
    func remembered(of index: Int, at now: Int64) -> Header? {
        layers[index]?.isLost == true ? nil : header(of: index, at: now)
    }

    /// Returns whether a layer has answered at all.
    func has(_ index: Int) -> Bool { layers[index] != nil }

    /// Returns the fetch time that an entry gets in a layer, and the future date that the entry replaces there.
    ///
    /// - Parameters:
    ///   - fetchTime: When the entry was asked for, on the clock of the layered cache.
    ///   - index: Which layer it is; it has answered before.
    func date(_ fetchTime: Int64, for index: Int) -> (fetchTime: Int64, futureTime: Int64?)? {
        layers[index].map { layer in
            (
                layer.reading.storeTime(at: fetchTime),
                layer.firstSeen <= fetchTime ? layer.reading.futureTime : nil
            )
        }
    }
}
