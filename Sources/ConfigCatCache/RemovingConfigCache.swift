/// A cache from which values can be removed. Clients never do that; it is for tools and operators.
public protocol RemovingConfigCache: ConfigCache {
    /// Removes the value of a key, if there is one.
    ///
    /// - Parameter key: The key.
    /// - Throws: Any error.
    func remove(for key: String) async throws
}
