package import ConfigCatCache
import ConfigCatFileCache
import ConfigCatInMemoryCache
package import ConfigCatRedisCache
import ConfigCatSQLiteCache

/// The address of a cache, as given on the command line.
///
/// - `memory:`: the memory of the process
/// - `file:///var/cache/flags`: files in a directory
/// - `sqlite:///var/lib/flags.db`: a SQLite database
/// - `redis://user:password@host:6379/0` and the other forms of ``RedisCacheURL``
///
/// A path may also be relative: `sqlite:flags.db`. Escapes in paths, such as `%20`, are decoded.
package enum CacheURL: Sendable, Equatable {
    case memory
    case file(directory: String)
    case sqlite(path: String)
    case redis(RedisCacheURL)

    /// Parses an address.
    ///
    /// - Parameter string: The address.
    /// - Throws: ``CacheURLError``, which names the invalid part. It never quotes a user name or a password.
    package init(_ string: String) throws(CacheURLError) {
        // In ASCII, every byte is a character. Otherwise, an @ and a combining mark would be a single other character.
        let string = PercentEncoding.asciiForm(of: string)
        guard let colon = string.firstIndex(of: ":") else {
            throw CacheURLError(message: "the cache URL has no scheme; \(Self.forms)")
        }
        let scheme = string[..<colon].lowercased()
        let rest = string[string.index(after: colon)...]
        switch scheme {
        case "memory":
            guard rest.isEmpty else {
                throw CacheURLError(message: "the cache URL 'memory:' takes nothing after the colon")
            }
            self = .memory
        case "file": self = .file(directory: try Self.path(rest, scheme))
        case "sqlite": self = .sqlite(path: try Self.path(rest, scheme))
        default:
            guard RedisCacheURL.isScheme(scheme) else {
                // Without a scheme, the part before the colon may be a user name or a password.
                let name = rest.hasPrefix("//") ? " '\(scheme)'" : ""
                throw CacheURLError(message: "the cache URL's scheme\(name) is unknown; \(Self.forms)")
            }
            do { self = .redis(try RedisCacheURL(string)) } catch { throw CacheURLError(message: error.message) }
        }
    }

    /// Opens the cache.
    ///
    /// - Returns: The adapter.
    /// - Throws: The adapter's error, if it cannot open the cache.
    package func open() throws -> any ConfigCache {
        switch self {
        case .memory: .inMemory()
        case .file(let directory): try .file(directory: directory)
        case .sqlite(let path): try .sqlite(path: path)
        case .redis(let url): try RedisConfigCache(RedisCacheOptions(url: url))
        }
    }

    private static let forms = "use memory:, file:///directory, sqlite:///path.db or redis://host:port"

    private static func path(_ rest: Substring, _ scheme: String) throws(CacheURLError) -> String {
        var path = rest
        if path.hasPrefix("//") {
            path = path.dropFirst(2)
            guard path.isEmpty || path.hasPrefix("/") else {
                // With an @, the part before it may be a user name or a password.
                let host = path.contains("@") ? "" : ", '\(path.prefix { $0 != "/" })'"
                throw CacheURLError(
                    message:
                        "the \(scheme) URL names a host\(host); a local path has three slashes: \(scheme):///path")
            }
        }
        guard let decoded = PercentEncoding.decoded(path), !decoded.utf8.contains(0) else {
            throw CacheURLError(message: "the path of the \(scheme) URL has an invalid %-escape")
        }
        guard !decoded.isEmpty, decoded != "/" else {
            throw CacheURLError(message: "the \(scheme) URL has no path: \(scheme):///path")
        }
        return decoded
    }
}

/// An error in the address of a cache.
package struct CacheURLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The invalid part, and what is expected instead.
    package let message: String

    package var description: String { message }
}
