import ConfigCatCommandLine
import ConfigCatEvaluation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The parts of a line in the log of requests.
enum RequestLog {
    /// Returns the time of day in UTC, as `HH:MM:SS`.
    static func time() -> String {
        String(ISO8601.string(Date().timeIntervalSince1970).dropFirst(11).prefix(8))
    }

    /// Returns a path in which the middle of the SDK key is masked.
    static func masked(_ path: String) -> String {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for index in parts.indices where parts[index].count > 12 && !isKnown(parts[index]) {
            parts[index] = parts[index].prefix(4) + "…" + parts[index].suffix(4)
        }
        return parts.joined(separator: "/")
    }

    private static func isKnown(_ part: String) -> Bool {
        ["configuration-files", "configcat-sdk-1", "configcat-proxy", "config_v6.json", "config_v5.json"].contains(part)
    }
}
