import ArgumentParser
import ConfigCatCache
import ConfigCatFileCache
import ConfigCatInMemoryCache
import ConfigCatSQLiteCache

/// A cache by its URL.
struct CacheAddress {
    private let url: ConfigCacheURL

    init(_ text: String) throws {
        do {
            url = try ConfigCacheURL(text)
        } catch {
            throw ValidationError(error.message)
        }
    }

    static let help = ArgumentHelp("The cache: file:///directory or sqlite:///path.db.", valueName: "url")

    /// Opens the cache.
    func open() throws(Failure) -> any ConfigCache {
        do {
            switch url {
            case .memory: return .inMemory()
            case .file(let directory): return try .file(directory: directory)
            case .sqlite(let path): return try .sqlite(path: path)
            }
        } catch {
            throw Failure("\(error)")
        }
    }
}
