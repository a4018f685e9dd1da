import ConfigCatTestSupport
import Synchronization
import Testing

@Suite("Cleanup")
struct CleanupTests {
    @Test("what a test has started ends, the last first, when the test throws, and the error is passed on")
    func endsAfterError() async throws {
        struct Failure: Error {}
        let ended = Mutex<[Int]>([])
        let test = try #require(Test.current)
        await #expect(throws: Failure.self) {
            try await Cleanup().provideScope(for: test, testCase: Test.Case.current) {
                for number in 1...3 { Cleanup.add { ended.withLock { $0.append(number) } } }
                throw Failure()
            }
        }
        #expect(ended.withLock(\.self) == [3, 2, 1])
    }

    @Test("what a test has started ends completely when the test is cancelled, as it is at its time limit")
    func endsAfterCancellation() async throws {
        let ended = Mutex<[String]>([])
        let test = try #require(Test.current)
        let task = Task {
            try await Cleanup().provideScope(for: test, testCase: Test.Case.current) {
                Cleanup.add {
                    // An ordinary asynchronous step throws at once in a cancelled task.
                    do {
                        try await Task.sleep(for: .milliseconds(1))
                        ended.withLock { $0.append("ended") }
                    } catch {
                        ended.withLock { $0.append("\(error)") }
                    }
                }
                try await Task.sleep(for: .seconds(600))
            }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(ended.withLock(\.self) == ["ended"])
    }

    private final class Resource: Sendable {}

    @Test("the trait retains nothing after a case of a parameterised test", arguments: 1...3)
    func releases(_ number: Int) async throws {
        let ended = Mutex<[Int]>([])
        let test = try #require(Test.current)
        weak var resource: Resource?
        try await {
            let created = Resource()
            resource = created
            try await Cleanup().provideScope(for: test, testCase: Test.Case.current) {
                Cleanup.add { withExtendedLifetime(created) { ended.withLock { $0.append(number) } } }
            }
        }()
        #expect(ended.withLock(\.self) == [number])
        #expect(resource == nil)
    }

    @Test("a suite without the trait is told what it lacks")
    func withoutTrait() {
        withKnownIssue { Cleanup.add {} }
    }
}
