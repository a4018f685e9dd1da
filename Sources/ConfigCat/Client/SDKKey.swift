/// A well-formed SDK key. Descriptions and log messages mask its middle.
package struct SDKKey: Sendable, CustomStringConvertible {
    package let text: String

    /// Creates an SDK key from a string.
    ///
    /// - Parameters:
    ///   - text: The string.
    ///   - isProxyAllowed: Whether keys of a ConfigCat Proxy are accepted, which need a custom base URL.
    ///   - isLocalOnly: Whether nothing is downloaded with the key, so that any string is accepted.
    /// - Throws: ``ConfigCatError`` if the string is empty or malformed.
    package init(_ text: String, isProxyAllowed: Bool, isLocalOnly: Bool) throws(ConfigCatError) {
        guard !text.isEmpty else {
            throw ConfigCatError(code: .invalidSdkKey, message: "the SDK key is empty")
        }
        self.text = text
        if isLocalOnly { return }
        if isProxyAllowed, text.hasPrefix("configcat-proxy/"), text.utf8.count > "configcat-proxy/".utf8.count {
            guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw Self.invalid(self) }
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let keys = parts.first == "configcat-sdk-1" ? parts.dropFirst() : parts[...]
        guard keys.count == 2, keys.allSatisfy(Self.isPart) else { throw Self.invalid(self) }
    }

    private static func isPart(_ text: Substring) -> Bool {
        text.utf8.count == 22
            && text.utf8.allSatisfy { byte in
                (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }

    private static func invalid(_ key: SDKKey) -> ConfigCatError {
        ConfigCatError(
            code: .invalidSdkKey,
            message:
                "the SDK key '\(key)' is malformed; expected 'configcat-sdk-1/' (which old keys lack), 22 characters, "
                + "'/' and 22 characters, or 'configcat-proxy/…' with a baseUrl; copy it from ConfigCat's dashboard")
    }

    /// The key with its middle masked.
    package var description: String {
        let count = text.count
        guard count > 12 else { return String(repeating: "*", count: count) }
        let shown = min(6, count / 4)
        return text.prefix(shown) + String(repeating: "*", count: count - 2 * shown) + text.suffix(shown)
    }

    /// Returns a message with the middle of the key masked.
    func masked(in message: String) -> String {
        message.replacing(text, with: description)
    }
}
