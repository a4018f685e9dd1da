/// An input that a compiled config was compiled from, with its layout.
struct ConfigSource: Sendable {
    enum Input {
        /// The range of the document in the pool.
        case document(Range<Int>)
        case values([(key: String, value: SettingValue)])
    }

    var input: Input
    var format: ConfigFormat = .v6
    var namesSettings = true
}

/// An input of a config: a document, or values that are given in code.
enum ConfigInput {
    case document([UInt8])
    case values([(key: String, value: SettingValue)])
}
