/// The settings that one evaluation has visited as prerequisite flags, with their results, which cannot change during
/// the evaluation. The first visits are stored inline, so that common evaluations allocate nothing.
struct PrerequisiteMemo {
    /// A setting that has been evaluated.
    struct Known {
        /// The index of the targeting rule and of the percentage option that served the value, or -1.
        var rule: Int32
        var option: Int32
        /// Whether a warning has reported that the setting needs a user and there is none.
        var isMissingUserReported: Bool
    }

    enum State {
        case unknown
        /// The setting is being evaluated. A condition that refers to it closes a cycle.
        case open
        case known(Known)
    }

    /// The first visits: their settings and results, and bits that say whether the result is known and whether a
    /// missing user has been reported.
    private var settings = SIMD8<Int32>(repeating: -1)
    private var rules = SIMD8<Int32>(repeating: -1)
    private var options = SIMD8<Int32>(repeating: -1)
    private var known: UInt8 = 0
    private var reported: UInt8 = 0
    private var count = 0
    private var later: LaterVisits?

    /// The number of settings that are being evaluated.
    private(set) var depth = 0

    var isEmpty: Bool { count == 0 }

    /// The settings that are being evaluated, outermost first, because visits are in the order in which they began.
    var path: [Int32] {
        (0..<count).filter { known & 1 << $0 == 0 }.map { settings[$0] }
            + (later?.visits ?? []).filter { $0.known == nil }.map(\.setting)
    }

    func state(of setting: Int32) -> State {
        for place in 0..<count where settings[place] == setting {
            guard known & 1 << place != 0 else { return .open }
            return .known(
                Known(
                    rule: rules[place], option: options[place], isMissingUserReported: reported & 1 << place != 0))
        }
        guard let later, let place = later.places[setting] else { return .unknown }
        return later.visits[place].known.map { .known($0) } ?? .open
    }

    /// Records that a setting's evaluation begins. Returns the place to pass to `close`.
    mutating func open(_ setting: Int32) -> Int {
        depth += 1
        guard count < settings.scalarCount else {
            let visits = later ?? LaterVisits()
            later = visits
            return count + visits.open(setting)
        }
        settings[count] = setting
        count += 1
        return count - 1
    }

    mutating func close(_ place: Int, _ outcome: Known) {
        depth -= 1
        guard place < settings.scalarCount else {
            later?.visits[place - settings.scalarCount].known = outcome
            return
        }
        rules[place] = outcome.rule
        options[place] = outcome.option
        known |= 1 << place
        if outcome.isMissingUserReported { reported |= 1 << place }
    }
}

/// The visits of an evaluation after its first ones, in the order in which they began.
private final class LaterVisits {
    struct Visit {
        var setting: Int32
        var known: PrerequisiteMemo.Known?
    }

    var visits: [Visit] = []
    /// The index in `visits` by setting.
    private(set) var places: [Int32: Int] = [:]

    func open(_ setting: Int32) -> Int {
        places[setting] = visits.count
        visits.append(Visit(setting: setting))
        return visits.count - 1
    }
}
