/// An input that a compiled config was compiled from, with its layout.
struct ConfigSource: Sendable {
    enum Input: Sendable {
        /// The range of the document in the pool.
        case document(Range<Int>)
        case values([(key: String, value: SettingValue)])
    }

    var input: Input
    var format: ConfigFormat = .v6
    var namesSettings = true
}
