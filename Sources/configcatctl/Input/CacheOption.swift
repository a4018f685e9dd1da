import ArgumentParser
import ConfigCatCache
import ConfigCatFileCache
import ConfigCatInMemoryCache
import ConfigCatRedisCache
import ConfigCatSQLiteCache

/// A cache by its URL.
struct CacheAddress {
    private let url: Result<ConfigCacheURL, ConfigCacheURLError>

    /// Takes any text: what fails while arguments are read is quoted, and a URL may hold a password.
    init(_ text: String) {
        url = Result { () throws(ConfigCacheURLError) in try ConfigCacheURL(text) }
    }

    func validate() throws {
        if case .failure(let error) = url { throw ValidationError(error.message) }
    }

    static let help = ArgumentHelp(
        "The cache: file:///directory, sqlite:///path.db or redis://host:port.", valueName: "url")

    /// Opens the cache.
    func open() throws(Failure) -> any ConfigCache {
        do {
            switch try url.get() {
            case .memory: return .inMemory()
            case .file(let directory): return try .file(directory: directory)
            case .sqlite(let path): return try .sqlite(path: path)
            case .redis(let url): return try RedisConfigCache(RedisCacheOptions(url: url))
            }
        } catch {
            throw Failure("\(error)")
        }
    }
}
