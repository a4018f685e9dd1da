/// The path of a request for a config: `/configuration-files/{SDK key}/config_v6.json`, where the SDK key may also be
/// `configcat-proxy/` and an ID.
package struct ConfigPath: Sendable, Equatable {
    /// The layout of the config JSON.
    package enum Layout: Sendable, Equatable { case version5, version6 }

    package let sdkKey: String
    package let layout: Layout

    /// Reads a path; nil if it is not one of a config.
    package init?(_ path: String) {
        guard path.hasPrefix(Self.prefix), let slash = path.lastIndex(of: "/") else { return nil }
        switch path[path.index(after: slash)...] {
        case "config_v6.json": layout = .version6
        case "config_v5.json": layout = .version5
        default: return nil
        }
        // A path that ends directly behind the prefix has no key.
        guard let start = path.index(path.startIndex, offsetBy: Self.prefix.count, limitedBy: slash), start < slash
        else { return nil }
        sdkKey = String(path[start..<slash])
    }

    private static let prefix = "/configuration-files/"
}
