/// A cache with resources to release: descriptors, connections, threads.
public protocol ClosableConfigCache: ConfigCache {
    /// Releases all resources of the cache. Reads and writes that are under way may fail; later ones throw. A second
    /// call does nothing.
    func close() async
}
