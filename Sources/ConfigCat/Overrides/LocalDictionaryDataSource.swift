public import ConfigCatEvaluation

/// Overrides given in code.
///
///     LocalDictionaryDataSource(source: ["newCheckout": true, "limit": 5], behaviour: .localOverRemote)
public struct LocalDictionaryDataSource: OverrideDataSource {
    public let behaviour: OverrideBehaviour
    private let config: Config

    /// Overrides with values that are Bool, String, Int or Double; others are left out. A Bool is never taken for a
    /// number.
    ///
    /// - Parameters:
    ///   - source: The values by key.
    ///   - behaviour: How the overrides and the downloaded config go together.
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

    public func overrides() -> Config { config }
}
