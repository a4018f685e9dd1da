import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

#if os(Linux) && canImport(Glibc)
    import Glibc

    /// Threads of a forked process that use a client at the same time, and the events that they log.
    @Suite("Third adversity: forks", .cleanup, .serialized)
    struct ThirdForkAdversityIntegrationTests {
        private func local(
            _ recorder: LogRecorder = LogRecorder(), _ configure: (inout ConfigCatOptions) -> Void = { _ in }
        ) throws -> ConfigCatClient {
            let client = try makeClient(nil, recorder: recorder) {
                $0.flagOverrides = LocalDictionaryDataSource(source: ["known": true], behaviour: .localOnly)
                configure(&$0)
            }
            // This thread uses locks before it forks, as each thread that evaluates does.
            for _ in 0..<3 { _ = client.snapshot().getValue(for: "missing", defaultValue: false) }
            _ = client.health
            return client
        }

        @Test("Threads of a child that read the health at the same time neither trap nor hang")
        func health() throws {
            let client = try local()
            let status = inChild {
                onThreads { for _ in 0..<50_000 { _ = client.health } }; return 0
            }
            #expect(status == 0)
            client.close()
        }

        @Test("Threads of a child that use the client for the first time at the same moment neither trap nor hang")
        func firstUse() throws {
            let client = try local()
            var failures: [Int32] = []
            for _ in 0..<300 {
                let status = inChild {
                    onThreads { _ = client.snapshot().getValue(for: "known", defaultValue: false) }
                    return 0
                }
                if status != 0 { failures.append(status) }
            }
            #expect(failures == [])
            client.close()
        }

        @Test(
            "Threads of a child can use all methods of an open or closed client",
            arguments: [false, true])
        func otherCalls(isClosed: Bool) throws {
            let client = try local {
                $0.hooks.addOnFlagEvaluated { _ in }
                $0.hooks.addOnError { _ in }
            }
            if isClosed { client.close() }
            let kept = client.snapshot()
            let status = inChild {
                let first = client.snapshot()
                onThreads {
                    for _ in 0..<2000 {
                        for snapshot in [kept, first] {
                            _ = snapshot.getAllValues()
                            _ = snapshot.getAllValueDetails(user: ConfigCatUser(identifier: "user"))
                            _ = snapshot.getKeyAndValue(for: "no variation")
                            _ = snapshot.getValueDetails(for: "known", defaultValue: 1)
                        }
                        _ = client.snapshot()
                        _ = client.configChanges
                        client.setOffline()
                        client.clearDefaultUser()
                        client.close()
                    }
                }
                return first.getValue(for: "known", defaultValue: false) ? 0 : 1
            }
            #expect(status == 0)
            client.close()
        }

        @Test("Event 1201 is written although a snapshot from before the fork has evaluated 200 missing keys")
        func forkedEvent() throws {
            let recorder = LogRecorder()
            let client = try local(recorder)
            let kept = client.snapshot()
            let status = inChild {
                for number in 0..<200 { _ = kept.getValue(for: "missing \(number)", defaultValue: false) }
                _ = client.snapshot().getValue(for: "known", defaultValue: false)
                return recorder.ids.contains(1201) ? 0 : 1
            }
            #expect(status == 0)
            client.close()
        }

        @Test("A handler can be added in a child while a thread of the parent evaluates with handlers")
        func handlersInChild() throws {
            let client = try local {
                $0.hooks.addOnFlagEvaluated { _ in }
                $0.logLevel = .critical
            }
            final class Flag: Sendable { let isSet = Atomic<Bool>(false) }
            let over = Flag()
            var failures: [Int32] = []
            let snapshot = client.snapshot()
            let workers = (0..<2).map { _ in
                Task.detached {
                    while !over.isSet.load(ordering: .relaxed) {
                        _ = snapshot.getValue(for: "known", defaultValue: false)
                    }
                }
            }
            for _ in 0..<30 {
                let status = inChild(within: 5) {
                    client.hooks.addOnError { _ in }
                    return 0
                }
                if status != 0 { failures.append(status) }
            }
            over.isSet.store(true, ordering: .relaxed)
            _ = workers
            #expect(failures == [])
            client.close()
        }

        @Test("A child writes no summary of the events that its parent has counted")
        func parentsCounts() throws {
            let recorder = LogRecorder()
            func make() throws -> ConfigCatClient {
                try openClient(sdkKey: "third adversity, counted before a fork") {
                    $0.flagOverrides = LocalDictionaryDataSource(source: ["known": true], behaviour: .localOnly)
                    $0.logger = recorder.logger(.warning)
                }
            }
            for _ in 0..<5 { _ = try make().snapshot().getValue(for: "missing", defaultValue: 1) }
            let before = recorder.messages.count
            let status = inChild {
                guard (try? make()) != nil else { return 2 }
                return recorder.messages.dropFirst(before).contains { $0.contains("times more") } ? 1 : 0
            }
            #expect(status == 0)
            try make().close()
        }
    }
#endif
