import ArgumentParser
import ConfigCatCache
import ConfigCatCommandLine

/// A cache by its URL.
struct CacheAddress {
    private let url: Result<CacheURL, CacheURLError>

    /// Takes any text: what fails while arguments are read is quoted, and a URL may hold a password.
    init(_ text: String) {
        url = Result { () throws(CacheURLError) in try CacheURL(text) }
    }

    func validate() throws {
        if case .failure(let error) = url { throw ValidationError(error.message) }
    }

    static let help = ArgumentHelp(
        "The cache: file:///directory, sqlite:///path.db or redis://host:port.", valueName: "url")

    /// Opens the cache.
    func open() throws(CommandError) -> any ConfigCache {
        do {
            return try url.get().open()
        } catch {
            throw CommandError("\(error)")
        }
    }
}
