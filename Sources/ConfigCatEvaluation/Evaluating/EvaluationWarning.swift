/// Something that kept an evaluation from doing what was probably meant. Its text is made when it is asked for.
struct EvaluationWarning: Hashable {
    enum Kind: UInt8 {
        case userMissing, percentageAttributeMissing, attributeMissing, attributeInvalid, attributeConverted
    }

    var kind: Kind
    var setting: Int32
    /// The condition that the warning is about, or -1.
    var condition: Int32 = -1
}

/// The warnings of one evaluation. It is limited, and holds a warning about a condition once for each setting.
///
/// A missing user is reported as often as a setting that needs one is asked for: so it is in ConfigCat's SDKs.
struct WarningList {
    /// How many are kept.
    static let limit = 1000

    private(set) var all: [EvaluationWarning] = []
    /// Whether some were left out because of the limit.
    private(set) var isCut = false
    /// The same as `all`, from when they are too many to search one by one.
    private var known: Set<EvaluationWarning>?
    private static let few = 8

    mutating func add(_ warning: EvaluationWarning) {
        if isCut || warning.kind != .userMissing && contains(warning) { return }
        guard all.count < Self.limit else {
            isCut = true
            return
        }
        all.append(warning)
        if all.count == Self.few { known = Set(all) } else { known?.insert(warning) }
    }

    private func contains(_ warning: EvaluationWarning) -> Bool {
        known?.contains(warning) ?? all.contains(warning)
    }
}
