import ConfigCatEvaluation
import Configuration

extension ConfigCatUser {
    /// Creates a user from the context of a key; nil if the context is empty.
    init?(context: [String: ConfigContextValue]) {
        guard !context.isEmpty else { return nil }
        var custom = context
        /// Removes an attribute. Both spellings may be given; the one in lower case counts.
        func take(_ lowercased: String, _ capitalised: String) -> String? {
            let values = [custom.removeValue(forKey: lowercased), custom.removeValue(forKey: capitalised)]
            return values.lazy.compactMap(\.self).first?.description
        }
        self.init(
            identifier: take("identifier", Self.idKey) ?? "", email: take("email", Self.emailKey),
            country: take("country", Self.countryKey), custom: Attributes(custom.mapValues(\.attributeValue)))
    }
}

extension ConfigContextValue {
    fileprivate var attributeValue: ConfigCatUser.AttributeValue {
        switch self {
        case .string(let text): .string(text)
        case .int(let number): .int(number)
        case .double(let number): .double(number)
        case .bool(let value): .string(value ? "true" : "false")
        }
    }
}
