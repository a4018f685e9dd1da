/// A cache that holds something to let go of: descriptors, connections, threads.
public protocol ClosableConfigCache: ConfigCache {
    /// Lets go of everything the cache holds. Reads and writes that are under way may fail; later ones throw. A second call
    /// does nothing.
    func close() async
}
