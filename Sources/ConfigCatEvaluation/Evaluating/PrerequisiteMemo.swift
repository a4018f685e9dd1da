/// The settings that one evaluation has visited as prerequisite flags, and their values, which cannot change within it.
struct PrerequisiteMemo {
    /// A setting that has been evaluated.
    struct Known {
        var value: CompiledValue
        /// Whether it has been reported that it needs a user and there is none.
        var isMissingUserReported: Bool
    }

    enum State {
        case unknown
        /// It is being evaluated, so that whoever asks for it closes a circle.
        case open
        case known(Known)
    }

    private struct Visit {
        var setting: Int32
        var known: Known?
    }

    /// In the order they were begun, so that those without a value are the path to where the evaluation is.
    private var visits: [Visit] = []
    /// Where in `visits` a setting is; nil as long as there are few.
    private var places: [Int32: Int]?
    private static let few = 16

    /// How many settings are being evaluated.
    private(set) var depth = 0

    var isEmpty: Bool { visits.isEmpty }
    /// The settings being evaluated, outermost first.
    var path: [Int32] { visits.filter { $0.known == nil }.map(\.setting) }

    func state(of setting: Int32) -> State {
        let place =
            visits.count > Self.few ? places?[setting] : visits.firstIndex { $0.setting == setting }
        guard let place else { return .unknown }
        return visits[place].known.map { .known($0) } ?? .open
    }

    /// Remembers that a setting's evaluation begins. Returns what `close` wants.
    mutating func open(_ setting: Int32) -> Int {
        if visits.isEmpty { visits.reserveCapacity(8) }
        visits.append(Visit(setting: setting))
        depth += 1
        let place = visits.count - 1
        if place == Self.few {
            places = Dictionary(uniqueKeysWithValues: visits.enumerated().map { ($1.setting, $0) })
        } else if place > Self.few {
            places?[setting] = place
        }
        return place
    }

    mutating func close(_ place: Int, _ known: Known) {
        visits[place].known = known
        depth -= 1
    }
}
