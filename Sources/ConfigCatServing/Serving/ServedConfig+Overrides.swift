import ConfigCatCache
import ConfigCatEvaluation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension ServedConfig {
    /// The name of the config in a store of overrides, which does not reveal an SDK key.
    var storeName: String {
        switch origin {
        case .file(let path): "file:" + URL(fileURLWithPath: path).standardizedFileURL.path
        case .client(let sdkKey): "sdk:" + CacheKey.sha1(sdkKey)
        }
    }

    /// Reads the overrides from a store.
    func loadOverrides(from store: any OverrideStore) async throws {
        try await store.perform(nil, of: storeName) { [self] in publish(overrides: $0) }
    }

    /// Changes the overrides. When this method returns, the new version is served and kept.
    ///
    /// - Returns: All overrides of the config.
    /// - Throws: ``OverrideError`` if the change is refused; an error of the store if it cannot be kept. The overrides
    ///   then stay as they were.
    @discardableResult
    func change(_ change: OverrideChange, in store: any OverrideStore) async throws -> OverrideSet {
        try await store.perform(change, of: storeName) { [self] in publish(overrides: $0) }
    }
}
