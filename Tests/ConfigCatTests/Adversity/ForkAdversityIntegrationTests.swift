import Logging
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

#if os(Linux) && canImport(Glibc)
    import Glibc

    /// Children of a process that has a client.
    @Suite("Adversity: forks", .serialized)
    struct ForkAdversityIntegrationTests {
        /// Runs a body in a child, and returns the child's exit status, and the signal that ended it if it hung or
        /// trapped.
        private func inChild(_ body: () -> Int32) -> (status: Int32, signal: Int32) {
            let child = fork()
            if child == 0 {
                // Dispatch's threads block signals. Without this, SIGALRM would not end a child that hangs.
                var none = sigset_t()
                sigemptyset(&none)
                pthread_sigmask(SIG_SETMASK, &none, nil)
                alarm(30)
                _exit(body())
            }
            var status: Int32 = 0
            while waitpid(child, &status, 0) != child {}
            return (status >> 8 & 0xFF, status & 0x7F)
        }

        private func local(_ name: String) throws -> ConfigCatClient {
            try ConfigCatClient.get(sdkKey: name) {
                $0.flagOverrides = LocalDictionaryDataSource(source: ["known": true], behaviour: .localOnly)
                $0.logLevel = .critical
            }
        }

        @Test("A child that creates its client after the fork, as event 1201 demands, gets a new client")
        func clientAfterFork() async throws {
            let client = try local("created before and after a fork")
            let (status, signal) = inChild {
                guard let own = try? local("created before and after a fork") else { return 2 }
                return own === client || own.health.isForked ? 1 : 0
            }
            #expect(signal == 0)
            #expect(status == 0)
            client.close()
        }

        @Test("In a child, health, changes and closing do not wait")
        func methodsInChild() async throws {
            let client = try local("used in a child")
            let (status, signal) = inChild {
                _ = client.configChanges
                client.setOffline()
                client.close()
                client.hooks.addOnError { _ in }
                let health = client.health
                return health.isForked && !health.isClosed ? 0 : 1
            }
            #expect(signal == 0 && status == 0)
            #expect(!client.health.isForked)
            client.close()
        }

        @Test("A child of a child can evaluate")
        func childOfChild() async throws {
            let client = try local("used in a child of a child")
            let (status, signal) = inChild {
                let (status, signal) = inChild {
                    client.snapshot().getValue(for: "known", defaultValue: false) ? 0 : 1
                }
                return status + signal
            }
            #expect(signal == 0 && status == 0)
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
            let (status, signal) = inChild {
                final class Work {
                    let snapshot: ConfigCatClientSnapshot
                    let keys = (0..<2000).map { "missing \($0)" }
                    init(_ snapshot: ConfigCatClientSnapshot) { self.snapshot = snapshot }
                    func run() {
                        for _ in 0..<50 {
                            for key in keys { _ = snapshot.getValue(for: key, defaultValue: false) }
                        }
                    }
                }
                let work = Work(snapshot)
                var threads = [pthread_t](repeating: pthread_t(), count: 4)
                for index in threads.indices {
                    pthread_create(
                        &threads[index], nil,
                        { argument in
                            if let argument { Unmanaged<Work>.fromOpaque(argument).takeUnretainedValue().run() }
                            return nil
                        }, Unmanaged.passUnretained(work).toOpaque())
                }
                work.run()
                for thread in threads { pthread_join(thread, nil) }
                return 0
            }
            #expect(signal == 0, "signal \(signal)")
            #expect(status == 0)
            client.close()
        }
    }
#endif
