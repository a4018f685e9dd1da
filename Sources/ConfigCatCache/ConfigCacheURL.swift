/// The address of a cache, as command lines and configuration files write it.
///
/// - `memory:`: the memory of the process
/// - `file:///var/cache/flags`: files in a directory
/// - `sqlite:///var/lib/flags.db`: a SQLite database
/// - `redis://user:password@host:6379/0` and its kin: see ``RedisCacheURL``
///
/// A path may also be relative: `sqlite:flags.db`. In paths, `%20` and the like are read as the bytes they stand for.
public enum ConfigCacheURL: Sendable, Equatable {
    case memory
    case file(directory: String)
    case sqlite(path: String)
    case redis(RedisCacheURL)

    /// Reads an address.
    ///
    /// - Parameter text: The address.
    /// - Throws: `ConfigCacheURLError` that names the part which is wrong.
    public init(_ text: String) throws(ConfigCacheURLError) {
        // Of ASCII, every character is one byte: otherwise an @ with a combining mark behind it would not be an @.
        let text = PercentEncoding.asciiForm(of: text)
        guard let colon = text.firstIndex(of: ":") else {
            throw ConfigCacheURLError(message: "the cache URL has no scheme; \(Self.forms)")
        }
        let scheme = text[..<colon].lowercased()
        let rest = text[text.index(after: colon)...]
        switch scheme {
        case "memory":
            guard rest.isEmpty else {
                throw ConfigCacheURLError(message: "the cache URL 'memory:' takes nothing behind the colon")
            }
            self = .memory
        case "file": self = .file(directory: try Self.path(rest, scheme))
        case "sqlite": self = .sqlite(path: try Self.path(rest, scheme))
        default:
            guard let parser = RedisURLParser(scheme: scheme) else {
                throw ConfigCacheURLError(message: "the cache URL's scheme '\(scheme)' is unknown; \(Self.forms)")
            }
            self = .redis(try parser.parse(rest))
        }
    }

    private static let forms = "use memory:, file:///directory, sqlite:///path.db or redis://host:port"

    private static func path(_ rest: Substring, _ scheme: String) throws(ConfigCacheURLError) -> String {
        var path = rest
        if path.hasPrefix("//") {
            path = path.dropFirst(2)
            guard path.isEmpty || path.hasPrefix("/") else {
                let host = path.prefix { $0 != "/" }
                throw ConfigCacheURLError(
                    message:
                        "the \(scheme) URL names a host, '\(host)'; a local path has three slashes: \(scheme):///path")
            }
        }
        guard let decoded = PercentEncoding.decoded(path), !decoded.utf8.contains(0) else {
            throw ConfigCacheURLError(message: "the path of the \(scheme) URL has an invalid %-escape")
        }
        guard !decoded.isEmpty, decoded != "/" else {
            throw ConfigCacheURLError(message: "the \(scheme) URL has no path: \(scheme):///path")
        }
        return decoded
    }
}

/// What is wrong with a cache's address.
public struct ConfigCacheURLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The part that is wrong, and what is expected.
    public let message: String

    public var description: String { message }
}
