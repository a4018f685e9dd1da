import ArgumentParser
import ConfigCatCache
import ConfigCatCommandLine

/// The URL of a cache, as given on the command line.
struct CacheAddress {
    private let url: Result<CacheURL, CacheURLError>

    /// Accepts any string. ArgumentParser quotes an argument that fails to parse, and the URL may contain a password;
    /// ``validate()`` reports the error without quoting it.
    init(_ text: String) {
        url = Result { () throws(CacheURLError) in try CacheURL(text) }
    }

    /// Checks the URL.
    ///
    /// - Throws: `ValidationError` if it is malformed.
    func validate() throws {
        if case .failure(let error) = url { throw ValidationError(error.message) }
    }

    static let help = ArgumentHelp(
        "The cache: file:///directory, sqlite:///path.db or redis://host:port.", valueName: "url")

    /// Opens the cache.
    ///
    /// - Throws: `CommandError` if the URL is malformed, or the adapter cannot open the cache.
    func open() throws(CommandError) -> any ConfigCache {
        do {
            return try url.get().open()
        } catch {
            throw CommandError("\(error)")
        }
    }
}
