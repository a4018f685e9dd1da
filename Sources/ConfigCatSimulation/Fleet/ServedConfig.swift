/// The configs of a simulation. Each has one setting, whose value is a version number that grows with each change.
enum ServedConfig {
    static func json(_ version: Int) -> String { #"{"p":{"s":"salt"},"f":{"v":{"t":2,"v":{"i":\#(version)}}}}"# }
    static func eTag(_ version: Int) -> String { "\"\(version)\"" }

    /// Returns the version of the config at the end of a serialized cache entry; nil if there is none.
    static func version(of text: String) -> Int? {
        var (version, place) = (0, 1)
        for byte in text.utf8.reversed().drop(while: { $0 == UInt8(ascii: "}") }) {
            guard byte &- UInt8(ascii: "0") < 10 else { break }
            version += Int(byte - UInt8(ascii: "0")) * place
            place *= 10
        }
        return place > 1 ? version : nil
    }
}
