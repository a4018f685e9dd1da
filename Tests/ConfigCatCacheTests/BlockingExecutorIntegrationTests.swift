import ConfigCatCache
import ConfigCatFileCache
import ConfigCatSQLiteCache
import Dispatch
import Foundation
import Synchronization
import ConfigCatTestSupport
import Testing

@Suite("Blocking executor", .serialized)
struct BlockingExecutorIntegrationTests {
    @Test("calls that hang do not block others")
    func hanging() async throws {
        let gate = DispatchSemaphore(value: 0)
        let hanging = (0..<40).map { _ in Task { try await BlockingExecutor.run { gate.wait() } } }
        let others = Task {
            for number in 0..<3 {
                let result = try await BlockingExecutor.run { number }
                #expect(result == number)
            }
        }
        await finishes("the other calls return", others)
        for _ in hanging { gate.signal() }
        for task in hanging { try await task.value }
    }

    @Test("a file cache whose disk hangs blocks neither SQLite nor another directory")
    func hangingDisk() async throws {
        try await withFolder { folder in
            // Opening a pipe for reading waits for a writer, like opening a file on a mount that hangs.
            let pipe = folder.path + "/hanging/key"
            let hanging = try FileConfigCache(directory: folder.path + "/hanging")
            #expect(mkfifo(pipe, 0o600) == 0)
            let reads = (0..<40).map { _ in Task { _ = try? await hanging.read(for: "key") } }
            let others = Task {
                let near = try FileConfigCache(directory: folder.path + "/near")
                let database = try SQLiteConfigCache(path: folder.path + "/cache.db")
                for cache in [near, database] as [any ConfigCache] {
                    try await cache.write(for: "key", value: "value")
                    #expect(try await cache.read(for: "key") == "value")
                }
            }
            await finishes("the other caches work", others)
            let writer = open(pipe, O_RDWR)
            for read in reads { await read.value }
            close(writer)
        }
    }

    @Test("a lane runs all calls, but at most as many at once as its width, whatever thread they come from")
    func lane() async throws {
        let lane = BlockingLane(width: 2)
        let record = CallRecord()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                let executor: (any TaskExecutor)? = number % 2 == 0 ? BlockingExecutor.shared : nil
                group.addTask(executorPreference: executor) {
                    try await lane.run {
                        record.most.max(record.running.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
                        usleep(100)
                        record.running.subtract(1, ordering: .relaxed)
                        return number
                    }
                }
            }
            let sum = try await group.reduce(0, +)
            #expect(sum == 199 * 100)
        }
        #expect(record.most.load(ordering: .relaxed) <= 2)
    }

    @Test("a lane that hangs refuses calls beyond its limit, ends cancelled calls, and recovers")
    func hangingLane() async throws {
        let (lane, gate) = (BlockingLane(width: 1, limit: 3), DispatchSemaphore(value: 0))
        let record = CallRecord()
        let hanging = Task {
            try await lane.run {
                record.running.store(1, ordering: .relaxed)
                gate.wait()
            }
        }
        await eventually("the lane hangs") { record.running.load(ordering: .relaxed) == 1 }
        let waiting = (0..<5).map { _ in
            Task {
                do {
                    try await lane.run {}
                    record.outcomes.withLock { $0.append("done") }
                } catch {
                    record.outcomes.withLock { $0.append(error is BlockingLaneError ? "refused" : "cancelled") }
                }
            }
        }
        await eventually("two are refused") { record.outcomes.withLock(\.self) == ["refused", "refused"] }
        for task in waiting { task.cancel() }
        hanging.cancel()
        for task in waiting { await task.value }
        #expect(record.outcomes.withLock { $0.count { $0 == "cancelled" } } == 3)
        await #expect(throws: CancellationError.self) { try await hanging.value }
        gate.signal()
        await eventually("the lane is free again") { try await lane.run { true } }
    }

    @Test("a call from a thread of the executor stays on it")
    func sameThread() async throws {
        let lane = BlockingLane(width: 1)
        try await Task(executorPreference: BlockingExecutor.shared) {
            for _ in 0..<10 {
                let thread = currentThread()
                let threads = [
                    try await lane.run { currentThread() }, try await BlockingExecutor.run { currentThread() },
                ]
                #expect(threads == [thread, thread])
            }
        }.value
    }

    /// A record of what calls did.
    private final class CallRecord: Sendable {
        let running = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let outcomes = Mutex<[String]>([])
    }

    private func finishes(_ comment: Comment, _ task: Task<Void, any Error>) async {
        let isDone = Atomic<Bool>(false)
        let watching = Task {
            try await task.value
            isDone.store(true, ordering: .relaxed)
        }
        await eventually(comment) { isDone.load(ordering: .relaxed) }
        watching.cancel()
    }
}

private func currentThread() -> UInt { UInt(pthread_self()) }
