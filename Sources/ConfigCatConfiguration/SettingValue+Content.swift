import ConfigCatEvaluation
import Configuration

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension ConfigContent {
    /// Returns whether the strings are those of another content that is equal, compared as UTF-8 bytes: a `String` also
    /// equals one with other bytes that looks the same.
    func hasStrings(of other: ConfigContent?) -> Bool {
        switch (self, other) {
        case (.string(let old), .string(let new)): old.utf8.elementsEqual(new.utf8)
        case (.stringArray(let old), .stringArray(let new)):
            old.elementsEqual(new) { $0.utf8.elementsEqual($1.utf8) }
        default: true
        }
    }
}

extension SettingValue {
    /// Returns the value as content of a type.
    ///
    /// - Parameters:
    ///   - type: The type.
    ///   - key: The setting's key, for errors.
    /// - Returns: The content.
    /// - Throws: ``ConfigCatProviderError`` if the value is of another type.
    func content(as type: ConfigType, ofKey key: String) throws -> ConfigContent {
        switch (type, self) {
        case (.bool, .bool(let value)): return .bool(value)
        case (.string, .string(let value)): return .string(value)
        case (.int, .int(let value)): return .int(value)
        case (.double, .double(let value)): return .double(value)
        case (.bytes, .string(let text)):
            return .bytes(try Self.required(Self.bytes(text), key, "its value is not base64"))
        case (.stringArray, .string(let text)): return .stringArray(try Self.array(text, key, "strings"))
        case (.intArray, .string(let text)): return .intArray(try Self.array(text, key, "whole numbers"))
        case (.doubleArray, .string(let text)): return .doubleArray(try Self.array(text, key, "numbers"))
        case (.boolArray, .string(let text)): return .boolArray(try Self.array(text, key, "Booleans"))
        case (.byteChunkArray, .string(let text)):
            return .byteChunkArray(
                try Self.array(text, key, "base64 strings").map {
                    try Self.required(Self.bytes($0), key, "its value is not a JSON array of base64 strings")
                })
        default:
            throw ConfigCatProviderError(
                key: key,
                message: "it is of type \(String(describing: self.type).capitalized), not \(type.rawValue)")
        }
    }

    private static func bytes(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map { Array($0) } }

    private static func array<Element: Decodable>(
        _ text: String, _ key: String, _ elements: String
    ) throws -> [Element] {
        try required(
            try? JSONDecoder().decode([Element].self, from: Data(text.utf8)), key,
            "its value is not a JSON array of \(elements)")
    }

    private static func required<Value>(_ value: Value?, _ key: String, _ message: String) throws -> Value {
        guard let value else { throw ConfigCatProviderError(key: key, message: message) }
        return value
    }
}
