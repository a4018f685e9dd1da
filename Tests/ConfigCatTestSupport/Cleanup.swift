import Synchronization
package import Testing

/// Ends what a test has started, the last first, whether the test passes, fails or throws.
///
///     @Suite("…", .cleanup)
package struct Cleanup: SuiteTrait, TestTrait, TestScoping {
    private final class Actions: Sendable {
        let list = Mutex<[@Sendable () async -> Void]>([])
    }

    @TaskLocal private static var actions: Actions?

    package init() {}

    /// The trait of a suite also holds for the tests of suites inside it.
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
    ) async throws {
        let actions = Actions()
        let result: Result<Void, any Error>
        do {
            try await Self.$actions.withValue(actions) { try await body() }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        // In a new task, because a test that reaches its time limit is cancelled, and must be ended completely.
        await Task { for action in actions.list.withLock(\.self).reversed() { await action() } }.value
        try result.get()
    }

    /// Adds an action that is performed after the test.
    package static func add(_ action: @escaping @Sendable () async -> Void) {
        guard let actions else {
            Issue.record("Nothing would end what this test starts: its suite lacks the trait .cleanup.")
            return
        }
        actions.list.withLock { $0.append(action) }
    }
}

extension Trait where Self == Cleanup {
    /// Ends what a test has started.
    package static var cleanup: Self { Cleanup() }
}
