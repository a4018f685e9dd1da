import Logging
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

#if os(Linux) && canImport(Glibc)
    import Glibc

    /// Children of a process that has a client.
    @Suite("Adversity: forks", .cleanup, .serialized)
    struct ForkAdversityIntegrationTests {
        private func local(_ name: String) throws -> ConfigCatClient {
            try openClient(sdkKey: name) {
                $0.flagOverrides = LocalDictionaryDataSource(source: ["known": true], behaviour: .localOnly)
                $0.logLevel = .critical
            }
        }

        @Test("A child that creates its client after the fork, as event 1201 demands, gets a new client")
        func clientAfterFork() async throws {
            let client = try local("created before and after a fork")
            let status = inChild(within: 30) {
                guard let own = try? local("created before and after a fork") else { return 2 }
                return own === client || own.health.isForked ? 1 : 0
            }
            #expect(status == 0)
            client.close()
        }

        @Test("In a child, health, changes and closing do not wait")
        func methodsInChild() async throws {
            let client = try local("used in a child")
            let status = inChild(within: 30) {
                _ = client.configChanges
                client.setOffline()
                client.close()
                client.hooks.addOnError { _ in }
                let health = client.health
                return health.isForked && !health.isClosed ? 0 : 1
            }
            #expect(status == 0)
            #expect(!client.health.isForked)
            client.close()
        }

        @Test("A child of a child can evaluate")
        func childOfChild() async throws {
            let client = try local("used in a child of a child")
            let status = inChild(within: 30) {
                let status = inChild(within: 30) {
                    client.snapshot().getValue(for: "known", defaultValue: false) ? 0 : 1
                }
                return status
            }
            #expect(status == 0)
            client.close()
        }

        @Test("Threads of a child that evaluate missing keys at the same time neither trap nor hang")
        func threadsInChild() async throws {
            let client = try makeClient(nil) {
                $0.flagOverrides = LocalDictionaryDataSource(source: ["known": true], behaviour: .localOnly)
                $0.hooks.addOnError { _ in }
            }
            let snapshot = client.snapshot()
            // This thread uses a lock before it forks, as each thread that evaluates does.
            for _ in 0..<3 { _ = snapshot.getValue(for: "missing", defaultValue: false) }
            let status = inChild(within: 30) {
                let keys = (0..<2000).map { "missing \($0)" }
                onThreads(4) {
                    for _ in 0..<50 {
                        for key in keys { _ = snapshot.getValue(for: key, defaultValue: false) }
                    }
                }
                return 0
            }
            #expect(status == 0)
        }
    }
#endif
