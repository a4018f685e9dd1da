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

    @Test("a suite without the trait is told what it lacks")
    func withoutTrait() {
        withKnownIssue { Cleanup.add {} }
    }
}
