/// The config changes of a client, as an asynchronous sequence. It ends when the client is closed.
///
///     for await change in client.configChanges {
///         print(change.source, change.changedKeys)
///     }
public struct ConfigChanges: AsyncSequence, Sendable {
    /// A change of the config.
    public typealias Element = ConfigChange
    /// The sequence never throws.
    public typealias Failure = Never

    let stream: AsyncStream<ConfigChange>

    /// Creates an iterator.
    ///
    /// - Returns: The iterator. If a sequence has several iterators, each change goes to one of them.
    public func makeAsyncIterator() -> AsyncStream<ConfigChange>.Iterator {
        stream.makeAsyncIterator()
    }
}
