package import ConfigCatEvaluation

/// The Swift declaration of one setting.
package struct FlagDeclaration: Sendable {
    package var key: String
    package var name: SwiftName
    package var defaultValue: SettingValue
    /// The documentation, a line each.
    package var documentation: [String] = []
    /// Whether the config no longer has the setting.
    package var isRemoved = false

    package init(key: String, defaultValue: SettingValue) {
        self.key = key
        self.defaultValue = defaultValue
        name = SwiftName(key: key)
    }

    var type: SettingType { defaultValue.type }

    /// Returns the declaration, indented, as lines.
    func lines(_ access: FlagAccessLevel) -> [String] {
        let modifier = access == .internal ? "" : access.rawValue + " "
        let value = SwiftLiteral.value(defaultValue)
        var lines = documentation.map { $0.isEmpty ? "///" : "/// " + $0 }
        if isRemoved {
            let message = SwiftLiteral.string("The config no longer has the setting '\(key)'.")
            lines.append("@available(*, deprecated, message: \(message))")
        }
        lines.append(
            "\(modifier)static let \(name.code) = FeatureFlag(\(SwiftLiteral.string(key)), defaultValue: \(value))")
        return lines.map { "    " + $0 }
    }
}

/// Who can see the generated declarations.
package enum FlagAccessLevel: String, Sendable, CaseIterable {
    case `internal`, package, `public`
}
