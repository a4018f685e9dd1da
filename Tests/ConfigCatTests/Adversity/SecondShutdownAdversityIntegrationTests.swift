import ConfigCatCache
import ConfigCatInMemoryCache
import Foundation
import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@testable import ConfigCat

/// Operations for which a shutdown might wait.
@Suite("Second adversity: shutdown", .cleanup)
struct SecondShutdownAdversityIntegrationTests {
    /// A port whose server accepts no connections, so that the kernel drops further attempts to connect.
    private final class FullPort {
        private var sockets: [Int32] = []
        let port: UInt16

        init() throws {
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            sockets.append(listener)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, length) }
            }
            listen(listener, 0)
            _ = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
            }
            port = UInt16(bigEndian: address.sin_port)
            for _ in 0..<8 {
                let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
                sockets.append(client)
                _ = withUnsafePointer(to: &address) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, length) }
                }
            }
        }

        deinit { for socket in sockets { close(socket) } }
    }

    @Test(
        "a shutdown does not wait for a connection that is being made to a CDN that does not answer",
        .timeLimit(.minutes(5)))
    func connecting() async throws {
        let cdn = try FullPort()
        let client = try makeClient(nil, mode: patientPolling) { options in
            options.baseUrl = "http://127.0.0.1:\(cdn.port)"
            options.http.connectTimeout = .seconds(3600)
        }
        try await Task.sleep(for: .milliseconds(300))
        await client.shutdown()
        withExtendedLifetime(cdn) {}
    }

    /// A store that accepts writes, and hangs when its lease is released.
    private final class HangingRelease: ForwardingCache, LeasingConfigCache {
        let store = InMemoryConfigCache()
        let isAsked = Atomic<Bool>(false)
        let isReleased = Atomic<Bool>(false)

        func releaseLease(for key: String, token: String) async {
            isAsked.store(true, ordering: .relaxed)
            while !isReleased.load(ordering: .relaxed) { try? await Task.sleep(for: .milliseconds(2)) }
            store.releaseLease(for: key, token: token)
        }
    }

    @Test("a shutdown that stops waiting for the lease does not report a lost write if the entry is in the cache")
    func hangingRelease() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let (cache, recorder) = (HangingRelease(), LogRecorder())
        let client = try makeClient(cdn, mode: patientPolling, recorder: recorder) { options in
            options.configCache = cache
            options.cacheTimeout = .milliseconds(200)
        }
        #expect(await client.getValue(for: "number", defaultValue: -1) == 1)
        let key = CacheKey.key(forSDKKey: testKey)
        await eventually("the entry is written") { cache.store.readHeader(for: key).header != nil }
        await client.shutdown()
        #expect(!recorder.messages.contains { $0.contains("last write") }, "\(recorder.messages)")
        cache.isReleased.store(true, ordering: .relaxed)
        await cdn.stop()
    }

    @Test("a lease that is granted while the previous one is being released stays")
    func leaseAfterRelease() async throws {
        let (cache, tasks, metrics) = (HangingRelease(), TaskTracker(), ClientMetrics())
        let shared = SharedCache(cache, key: "key", host: .system, metrics: metrics)
        let log = EventLogger(LogRecorder().logger(.warning))
        let writer = CacheWriter(shared, tasks: tasks, metrics: metrics, log: log)
        // The lease has already ended when it is released.
        #expect(try await shared.acquireLease(duration: .milliseconds(1)).isGranted)
        writer.leaseGranted()
        writer.releaseLease()
        await eventually("the release is under way") { cache.isAsked.load(ordering: .relaxed) }
        // The next cycle takes the lease.
        await eventually("the next lease is granted") {
            try await shared.acquireLease(duration: .seconds(600)).isGranted
        }
        writer.leaseGranted()
        cache.isReleased.store(true, ordering: .relaxed)
        _ = await tasks.waitUntilIdle()
        #expect(cache.store.acquireLease(for: "key", token: "other", duration: .milliseconds(600_000)) != .granted)
    }

    @Test("a shutdown of a client that its own handler has closed waits until the handler has ended")
    func closeInHandler() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        for _ in 0..<10 {
            let client = try makeClient(cdn, mode: patientPolling)
            let state = HandlerState()
            client.hooks.addOnReady { [weak client] (_: ClientCacheState) in
                state.isRunning.store(true, ordering: .relaxed)
                client?.close()
                state.isClosed.store(true, ordering: .relaxed)
                Thread.sleep(forTimeInterval: 0.1)
                state.isRunning.store(false, ordering: .relaxed)
            }
            await eventually("the handler has closed the client") { state.isClosed.load(ordering: .relaxed) }
            await client.shutdown()
            let isStillRunning = state.isRunning.load(ordering: .relaxed)
            #expect(!isStillRunning)
        }
        await cdn.stop()
    }

    private final class HandlerState: Sendable {
        let isRunning = Atomic<Bool>(false)
        let isClosed = Atomic<Bool>(false)
    }
}
