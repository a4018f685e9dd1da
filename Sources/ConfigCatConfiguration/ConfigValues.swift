import ConfigCat

/// A value that depends on the config: the current one, and then one after each change.
///
/// Each value is computed when it is read, so values never go back to those of an older config.
struct ConfigValues<Element: Sendable>: AsyncSequence, Sendable {
    typealias Failure = Never

    /// The changes since before the first value is computed, so that none is lost in between.
    let changes: ConfigChanges
    let current: @Sendable () -> Element
    /// Returns whether a value equals the one before, and is left out.
    let isSame: @Sendable (Element, Element) -> Bool

    func makeAsyncIterator() -> Iterator { Iterator(values: self, changes: changes.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        let values: ConfigValues
        var changes: AsyncStream<ConfigChange>.Iterator
        var last: Element?

        mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
            guard let last else {
                if Task.isCancelled { return nil }
                last = values.current()
                return last
            }
            while await changes.next(isolation: actor) != nil {
                let value = values.current()
                if values.isSame(last, value) { continue }
                self.last = value
                return value
            }
            return nil
        }
    }
}
