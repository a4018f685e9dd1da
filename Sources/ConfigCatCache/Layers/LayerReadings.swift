/// The latest answers of the layers for one key, converted to the clock of the layered cache.
///
/// Each layer has its own clock. The layered cache has one too, which never goes back: dates are converted to it when
/// an entry is read, and to the layer's clock when an entry is written. Both conversions can only make an entry older,
/// by the time that a layer took to answer.
struct LayerReadings: Sendable {
    private struct Layer {
        var reading: StoreReading
        /// The header as the layer has it.
        var stored: CacheEntryHeader?
        /// The header's fetch time on the clock of the layered cache.
        var fetchTime: Int64
        /// False if the date was in the future when it was first seen.
        var isAgeKnown: Bool
        /// The time until which the entry is disregarded, unless it changes.
        var disregardedUntil: Int64
        /// When the entry was first seen.
        var firstSeen: Int64
        /// Whether reading the entry has failed since the layer's last answer.
        var isLost = false
    }

    private var layers: [Int: Layer] = [:]
    /// The latest fetch time of the downloads that this process has begun to write.
    private var written = Int64.min
    /// The layer whose header was returned last, until the entry is read.
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

    /// Returns whether a layer has returned the header of this entry, or an older header of the same config.
    func announces(_ header: CacheEntryHeader, of index: Int) -> Bool {
        guard let stored = layers[index]?.stored else { return false }
        return stored.hasETag(of: header) && header.fetchTime >= stored.fetchTime
    }

    /// Notes that a download that was requested at this time is being written.
    mutating func noteWrite(of fetchTime: Int64) { written = max(written, fetchTime) }

    /// Returns whether this process has begun to write a download that was requested later than an entry.
    func isOvertaken(_ fetchTime: Int64) -> Bool { fetchTime < written }

    mutating func takeAnnounced() -> Int? {
        defer { announced = nil }
        return announced
    }

    /// The header of a layer's entry, on the clock of the layered cache.
    struct Header: Sendable {
        var header: CacheEntryHeader
        /// The value to compare headers by, the freshest having the highest: the fetch time or, for an entry dated in
        /// the future, the time at which it was first seen.
        var rank: Int64
        var isAgeKnown: Bool
    }

    /// Records the answer of a layer.
    ///
    /// - Parameters:
    ///   - answer: The layer's answer.
    ///   - index: The index of the layer.
    ///   - asked: When the layer was asked, on the clock of the layered cache.
    ///   - answered: When the answer arrived, on the same clock.
    /// - Returns: The layer's header, dated by the clock of the layered cache.
    mutating func add(
        _ answer: CacheHeaderReading, of index: Int, asked: Int64, answered: Int64
    ) -> Header? {
        let stored = answer.header
        let isFuture = stored.map { $0.fetchTime > answer.storeTime } ?? false
        let futureTime = isFuture ? stored?.fetchTime : nil
        let last = layers[index]
        let isSame = stored != nil && last?.stored == stored
        // An entry that has not changed keeps its time, however long the layer took for this answer.
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

    /// Returns the header of a layer's last answer, dated by the clock of the layered cache; nil if it is disregarded.
    func header(of index: Int, at now: Int64) -> Header? {
        guard let layer = layers[index], layer.disregardedUntil <= now else { return nil }
        return layer.stored.map { stored in
            Header(
                header: CacheEntryHeader(fetchTime: layer.fetchTime, eTag: stored.eTag),
                rank: layer.isAgeKnown ? layer.fetchTime : layer.firstSeen, isAgeKnown: layer.isAgeKnown)
        }
    }

    /// Returns the last header of a layer that does not answer now; nil if its entry could not be read either.
    func remembered(of index: Int, at now: Int64) -> Header? {
        layers[index]?.isLost == true ? nil : header(of: index, at: now)
    }

    /// Returns whether a layer has ever answered.
    func has(_ index: Int) -> Bool { layers[index] != nil }

    /// Converts the fetch time of an entry for a layer.
    ///
    /// - Parameters:
    ///   - fetchTime: When the entry was requested, on the clock of the layered cache.
    ///   - index: The index of the layer.
    /// - Returns: The fetch time that the entry gets in the layer, and the future date that it replaces there; nil if
    ///   the layer has never answered.
    func date(_ fetchTime: Int64, for index: Int) -> (fetchTime: Int64, futureTime: Int64?)? {
        layers[index].map { layer in
            (
                layer.reading.storeTime(at: fetchTime),
                layer.firstSeen <= fetchTime ? layer.reading.futureTime : nil
            )
        }
    }
}
