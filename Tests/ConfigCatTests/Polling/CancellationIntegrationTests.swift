import ConfigCatCache
import ConfigCatInMemoryCache
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

@Suite("Cancellation", .cleanup)
struct CancellationIntegrationTests {
    /// Cancelling a task takes the task's lock and then the client's. Resuming a task must not take them in the other
    /// order.
    @Test("A wait that ends at the moment of its cancellation does not deadlock", .timeLimit(.minutes(5)))
    func cancelledWhileResumed() async throws {
        let cache = TestCache()
        cache.hang(true)
        for _ in 0..<1000 {
            let client = try makeClient(nil, mode: PollingModes.lazyLoad()) { options in
                options.configCache = cache
                options.offline = true
                options.cacheTimeout = .milliseconds(1)
            }
            let waits = (0..<4).map { number in
                Task {
                    if number.isMultiple(of: 2) { await client.waitForReady() } else { await client.forceRefresh() }
                }
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for wait in waits { wait.cancel() } }
                group.addTask { client.close() }
            }
            for wait in waits { await wait.value }
        }
    }

    @Test("A reader of changes that closes the client when it is cancelled does not deadlock", .timeLimit(.minutes(5)))
    func readerThatCloses() async throws {
        for number in 0..<500 {
            let cache = InMemoryConfigCache()
            let client = try makeClient(nil) { options in
                options.configCache = cache
                options.offline = true
            }
            let key = CacheKey.key(forSDKKey: testKey)
            cache.write(
                for: key, value: "1700000000000\n\(number)\n" + TestConfig.json(number))
            let reader = Task {
                await withTaskCancellationHandler {
                    for await _ in client.configChanges {}
                } onCancel: {
                    client.close()
                }
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await client.forceRefresh() }
                group.addTask { reader.cancel() }
            }
            await reader.value
        }
    }
}
