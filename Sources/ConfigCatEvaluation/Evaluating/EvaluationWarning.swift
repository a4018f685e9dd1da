/// A warning that an evaluation probably differs from what was meant. `WarningText` writes its message.
struct EvaluationWarning: Hashable {
    enum Kind: UInt8 {
        case userMissing, percentageAttributeMissing, attributeMissing, attributeInvalid, attributeConverted
    }

    var kind: Kind
    var setting: Int32
    /// The condition that the warning is about, or -1.
    var condition: Int32 = -1
}

/// The warnings of one evaluation. Their number is limited, and a warning about a condition is kept once per setting.
///
/// A missing user is reported each time a setting that needs one is referred to, as in ConfigCat's SDKs.
struct WarningList {
    /// The greatest number of warnings that are kept.
    static let limit = 1000

    private(set) var all: [EvaluationWarning] = []
    /// Whether warnings were omitted because of the limit.
    private(set) var isCut = false
    /// The same as `all`, for a faster search; nil if there are only a few.
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
