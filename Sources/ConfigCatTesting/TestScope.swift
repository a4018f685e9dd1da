import ConfigCat

/// A test, or a part of one, that has flags of its own. Its tasks find it in a task-local value.
final class TestScope: Sendable {
    @TaskLocal static var current: TestScope?

    let parent: TestScope?
    let flags: TestFlags
    let values: LiveValues

    /// Creates a scope inside the current one.
    ///
    /// - Parameters:
    ///   - flags: The flags whose values the scope replaces.
    ///   - configure: A closure that changes the values of the enclosing scope.
    init(_ flags: TestFlags, _ configure: (inout TestFlagValues) throws -> Void) rethrows {
        self.flags = flags
        parent = Self.current
        values = try LiveValues(inside: flags.live, configure)
    }

    /// Returns the innermost scope that has values of these flags.
    static func current(of flags: TestFlags) -> TestScope? {
        var scope = current
        while let candidate = scope, candidate.flags !== flags { scope = candidate.parent }
        return scope
    }

    /// Returns whether this scope is another one, or inside it.
    func isInside(_ other: TestScope) -> Bool {
        var scope: TestScope? = self
        while let candidate = scope {
            if candidate === other { return true }
            scope = candidate.parent
        }
        return false
    }
}
