import ConfigCat
import ConfigCatCache
import Logging
import Synchronization

/// Runs work on the threads on which a client calls its cache: those may block, so that a store does its work at once,
/// without another thread. They are not public, so the work runs inside of a client's read of a cache.
final class ClientThreads: Sendable {
    typealias Work = @Sendable () async throws -> Double

    private let cache = WorkingCache()
    private let client: ConfigCatClient

    init() throws {
        client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/BENCHMARK_012345678901/CLIENT_THREADS_0123456") {
            [cache] options in
            options.configCache = cache
            options.offline = true
            options.pollingMode = PollingModes.manualPoll()
            options.logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        }
    }

    /// Runs work that takes less than the two seconds after which a client gives up a read.
    func run(_ work: @escaping Work) async throws -> Double {
        cache.set(work)
        while true {
            await client.forceRefresh()
            if let result = cache.takeResult() { return try result.get() }
        }
    }

    func close() { client.close() }
}

/// An empty cache that does given work when it is read.
private final class WorkingCache: ConfigCache {
    private typealias State = (work: ClientThreads.Work?, result: Result<Double, any Error>?)
    private let state = Mutex<State>((nil, nil))

    func set(_ work: @escaping ClientThreads.Work) { state.withLock { $0 = (work, nil) } }

    func takeResult() -> Result<Double, any Error>? {
        state.withLock { state in
            defer { state.result = nil }
            return state.result
        }
    }

    func read(for key: String) async -> String? {
        let work = state.withLock { state in
            defer { state.work = nil }
            return state.work
        }
        guard let work else { return nil }
        let result: Result<Double, any Error>
        do { result = .success(try await work()) } catch { result = .failure(error) }
        state.withLock { $0.result = result }
        return nil
    }

    func write(for key: String, value: String) {}
}
