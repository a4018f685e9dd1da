import ConfigCat
import ConfigCatCache
import ConfigCatTestSupport
import Logging
import ServiceLifecycle
import ServiceLifecycleTestKit
import Synchronization
import Testing

/// Clients in real service groups, in this process.
@Suite("Client as a service", .cleanup)
struct ServiceGroupIntegrationTests {
    /// A service that runs a closure.
    private struct Probe: Service {
        let body: @Sendable () async throws -> Void
        func run() async throws { try await body() }
    }

    private func group(_ services: any Service...) -> ServiceGroup {
        ServiceGroup(services: services, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test("a client ends after the services behind it, and has then written to its cache")
    func order() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let cache = TestCache()
        let client = try makeClient(cdn, mode: patientPolling) { $0.configCache = cache }
        await client.waitForReady()
        let isOpen = Mutex<[Bool]>([])
        let probe = Probe {
            try await gracefulShutdown()
            cdn.set(TestConfig.answer(2))
            let isRefreshed = await client.forceRefresh().success
            isOpen.withLock { $0 += [isRefreshed, !client.health.isClosed] }
        }
        let group = group(client, probe)
        await group.triggerGracefulShutdown()
        try await group.run()
        #expect(isOpen.withLock(\.self) == [true, true])
        #expect(client.health.isClosed)
        #expect(cache.writes.last?.hasSuffix(TestConfig.json(2)) == true)
        #expect(await client.getValue(for: "number", defaultValue: 0) == 2)
    }

    @Test("a client that is twice in a group ends the group with an error that says so")
    func twice() async throws {
        let client = try makeClient(try await TestCDN(TestConfig.answer(1)))
        let error = await #expect(throws: ConfigCatError.self) { try await group(client, client).run() }
        #expect(error?.code == .alreadyRunning)
        #expect(error?.message.contains("run() was called twice") == true)
        #expect(client.health.isClosed)
    }

    @Test("a client that has run cannot run again")
    func again() async throws {
        let client = try makeClient(try await TestCDN(TestConfig.answer(1)))
        await testGracefulShutdown { trigger in
            trigger.triggerGracefulShutdown()
            await #expect(throws: Never.self) { try await client.run() }
        }
        let error = await #expect(throws: ConfigCatError.self) { try await client.run() }
        #expect(error?.code == .alreadyRunning)
    }

    @Test("many calls at once: one runs, the others throw")
    func parallelRuns() async throws {
        let client = try makeClient(try await TestCDN(TestConfig.answer(1)))
        let errors = await testGracefulShutdown { trigger in
            await withTaskGroup(of: ConfigCatError.Code?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        do { try await client.run() } catch { return (error as? ConfigCatError)?.code }
                        return nil
                    }
                }
                var errors: [ConfigCatError.Code?] = []
                for await error in group {
                    errors.append(error)
                    if errors.count == 19 { trigger.triggerGracefulShutdown() }
                }
                return errors
            }
        }
        #expect(errors.count { $0 == .alreadyRunning } == 19)
        #expect(errors.count { $0 == nil } == 1)
    }

    @Test("a closed client ends the group with an error that says so")
    func closedBefore() async throws {
        let client = try makeClient(try await TestCDN(TestConfig.answer(1)))
        client.close()
        let error = await #expect(throws: ConfigCatError.self) { try await group(client).run() }
        #expect(error?.code == .clientClosed)
        #expect(error?.message.contains("closed") == true)
    }

    @Test("closing a client does not end its group")
    func closedMeanwhile() async throws {
        let client = try makeClient(try await TestCDN(TestConfig.answer(1)))
        let isShuttingDown = Mutex(false)
        let probe = Probe {
            await client.shutdown()
            // A client whose service had ended would have cancelled the group.
            for _ in 0..<100 { await Task.yield() }
            #expect(!Task.isCancelled)
            isShuttingDown.withLock { $0 = true }
            try await gracefulShutdown()
        }
        let group = group(client, probe)
        let running = Task { try await group.run() }
        await eventually("the client is closed") { isShuttingDown.withLock(\.self) }
        await group.triggerGracefulShutdown()
        try await running.value
    }

    @Test("a cancelled group closes its clients, and waits for the last write")
    func cancellation() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let cache = TestCache()
        let client = try makeClient(cdn) { $0.configCache = cache }
        let group = group(client)
        let running = Task { try await group.run() }
        #expect(await client.forceRefresh().success)
        running.cancel()
        _ = await running.result
        #expect(client.health.isClosed)
        #expect(cache.writes.last?.hasSuffix(TestConfig.json(1)) == true)
    }

    @Test("a service that fails ends the group with its error, and closes the client")
    func failingService() async throws {
        struct Failure: Error {}
        let client = try makeClient(try await TestCDN(TestConfig.answer(1)))
        await #expect(throws: Failure.self) { try await group(client, Probe { throw Failure() }).run() }
        #expect(client.health.isClosed)
    }

    @Test("a cache that hangs does not hold up a shutdown whose time is over")
    func hangingCache() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let cache = TestCache()
        let client = try makeClient(cdn) { $0.configCache = cache }
        _ = await client.forceRefresh()
        cache.hang(true)
        cdn.set(TestConfig.answer(2))
        let refresh = Task { await client.forceRefresh() }
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: client)], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        configuration.maximumGracefulShutdownDuration = .milliseconds(1)
        let group = ServiceGroup(configuration: configuration)
        await group.triggerGracefulShutdown()
        try? await group.run()
        #expect(client.health.isClosed)
        refresh.cancel()
        _ = await refresh.value
    }

    @Test("a client with local overrides only runs as a service, too")
    func localOnly() async throws {
        let client = try makeClient(nil) {
            $0.flagOverrides = LocalDictionaryDataSource(source: ["number": 7], behaviour: .localOnly)
        }
        let group = group(client)
        await group.triggerGracefulShutdown()
        try await group.run()
        #expect(await client.getValue(for: "number", defaultValue: 0) == 7)
    }
}
