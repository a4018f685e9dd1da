import ConfigCatEvaluation

/// Bytes of a string, because `String` considers the two spellings of "é" to be equal.
typealias Bytes = [UInt8]

/// A value with its variation ID, for comparisons.
struct ComparedValue: Hashable {
    private enum Identity: Hashable {
        case bool(Bool), string(Bytes), int(Int), double(UInt64), invalid
    }

    private let identity: Identity
    private let variation: Bytes?
    /// The value in quotes, and its variation ID in parentheses.
    let text: String

    init(_ value: SettingValue?, _ variation: String?) {
        identity =
            switch value {
            case .bool(let bool): .bool(bool)
            case .string(let text): .string(Array(text.utf8))
            case .int(let int): .int(int)
            case .double(let double): .double((double == 0 ? 0 : double).bitPattern)
            case nil: .invalid
            }
        self.variation = variation.map { Array($0.utf8) }
        let shown = value.map { "'\($0)'" } ?? "<malformed>"
        text = variation.map { "\(shown) (\($0))" } ?? shown
    }

    static func == (left: Self, right: Self) -> Bool {
        left.identity == right.identity && left.variation == right.variation
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(identity)
        hasher.combine(variation)
    }
}
