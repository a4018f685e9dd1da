public import ConfigCatEvaluation

/// Local overrides from a dictionary.
///
///     options.flagOverrides = LocalDictionaryDataSource(
///         source: ["newCheckout": true, "limit": 5], behaviour: .localOverRemote)
public struct LocalDictionaryDataSource: OverrideDataSource {
    /// The way in which the overrides and the downloaded config are combined.
    public let behaviour: OverrideBehaviour
    private let config: Config

    /// Creates overrides from values.
    ///
    /// - Parameters:
    ///   - source: The values by key: `Bool`, `String`, integers that fit into `Int`, `Double` or `Float`. Values of
    ///     other types are ignored.
    ///   - behaviour: The way in which the overrides and the downloaded config are combined.
    public init(source: [String: Any], behaviour: OverrideBehaviour) {
        let values = source.compactMapValues { value -> SettingValue? in
            switch value {
            case let value as Bool: .bool(value)
            case let value as String: .string(value)
            case let value as Int: .int(value)
            case let value as Double: .double(value)
            case let value as Float: .double(Double(value))
            case let value as any FixedWidthInteger: Int(exactly: value).map { .int($0) }
            default: nil
            }
        }
        self.behaviour = behaviour
        config = Config(values: values)
    }

    /// Returns the overrides.
    ///
    /// - Returns: A config with the values of the dictionary.
    public func overrides() -> Config { config }
}
