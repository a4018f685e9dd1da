import ConfigCatCache
import ConfigCatEvaluation
import Testing

@testable import ConfigCat

/// Sequences of events that the state machine once handled wrongly.
@Suite("Adversity: polling state machine")
struct MachineAdversityTests {
    struct Entry: PollableEntry, Equatable {
        var name: String
        var time: EntryTime
        var eTag: String

        init(_ name: String, _ time: Int64, eTag: String? = nil) {
            (self.name, self.time, self.eTag) = (name, .at(time), eTag ?? name)
        }

        func isSameConfig(as other: Entry) -> Bool { name == other.name }
    }

    typealias Machine = PollingStateMachine<Entry>

    private func machine(
        _ mode: PollingMode.Kind = .auto(interval: .seconds(60), maxInitWait: .seconds(5)), hasLeases: Bool = true
    ) -> Machine {
        Machine(Machine.Settings(mode: mode, hasCache: true, isOffline: false, jitter: 0, hasLeases: hasLeases))
    }

    private func fetches(_ actions: [Machine.Action]) -> [UInt64] {
        actions.compactMap { if case .fetch(_, let id, _) = $0 { id } else { nil } }
    }

    private func leases(_ actions: [Machine.Action]) -> [UInt64] {
        actions.compactMap { if case .acquireLease(let id) = $0 { id } else { nil } }
    }

    private func writes(_ actions: [Machine.Action]) -> Int {
        actions.count { if case .writeCache = $0 { true } else { false } }
    }

    private func reads(_ actions: [Machine.Action]) -> Int {
        actions.count { if case .readCache = $0 { true } else { false } }
    }

    private func published(_ actions: [Machine.Action]) -> [String] {
        actions.compactMap { if case .publish(let entry, _, _) = $0 { entry.name } else { nil } }
    }

    /// Returns a machine that has downloaded a config, and waits for its next poll.
    private func polled(at now: Int64) throws -> Machine {
        var machine = machine()
        _ = machine.start(now: now)
        let beforeLease = machine.cacheRead(.absent, now: now)
        let lease = try #require(leases(beforeLease).first)
        _ = machine.leaseResolved(.granted, id: lease, now: now)
        let beforeFetch = machine.cacheRead(.absent, now: now)
        let fetch = try #require(fetches(beforeFetch).first)
        _ = machine.fetchEnded(.entry(Entry("a", now)), id: fetch, now: now)
        return machine
    }

    // MARK: - Leases

    @Test("a requested download does not wait for the lease of another process while the cache is empty")
    func refreshOfAFlushedCache() throws {
        var machine = try polled(at: 0)
        _ = machine.refreshRequested(by: 1, now: 10_000)
        var actions = machine.cacheRead(.absent, now: 10_000)
        if let lease = leases(actions).first {
            actions += machine.leaseResolved(.held(milliseconds: 5000), id: lease, now: 10_000)
        }
        #expect(fetches(actions).count == 1)
    }

    @Test("a requested download does not wait for a lease that was being acquired before the request")
    func refreshWhileTheLeaseIsAskedFor() throws {
        var machine = machine()
        _ = machine.start(now: 0)
        let beforeLease = machine.cacheRead(.absent, now: 0)
        let lease = try #require(leases(beforeLease).first)
        var actions = machine.refreshRequested(by: 1, now: 1)
        actions += machine.leaseResolved(.held(milliseconds: 5000), id: lease, now: 2)
        #expect(fetches(actions).count == 1)
    }

    @Test("while a request for the lease hangs, no other is made")
    func hangingLease() throws {
        var machine = machine()
        _ = machine.start(now: 0)
        var requests = 0
        var now: Int64 = 0
        for poll in 0..<10 {
            now = Int64(poll) * 60_000
            if poll > 0 { _ = machine.pollTimerFired(now: now) }
            let actions = machine.cacheRead(poll == 0 ? .absent : .unchanged, now: now)
            requests += leases(actions).count
            // The request for the lease gets no answer, and the machine continues without it.
            let fetched = fetches(actions + machine.cacheTimerFired(now: now + 2000))
            if let id = fetched.first { _ = machine.fetchEnded(.failed(.success), id: id, now: now + 2000) }
        }
        #expect(requests == 1)
    }

    @Test("a cache that always reports that a lease ends at once is asked only after a pause")
    func leaseThatEndsAtOnce() throws {
        var machine = machine(.lazy(timeToLive: .seconds(60)))
        let requested = machine.valueRequested(by: 1, now: 0)
        var actions = try #require(requested)
        actions += machine.cacheRead(.absent, now: 0)
        var (now, count) = (Int64(0), 0)
        while fetches(actions).isEmpty, count < 100_000 {
            if let lease = leases(actions).first {
                count += 1
                actions = machine.leaseResolved(.held(milliseconds: 0), id: lease, now: now)
            } else if reads(actions) > 0 {
                actions = machine.cacheRead(.absent, now: now)
            } else {
                for case .startLeaseTimer(let pause) in actions { now += pause }
                actions = machine.leaseTimerFired(now: now)
            }
        }
        #expect(count <= 200)
    }

    // MARK: - Order

    @Test("a download does not replace a newer entry that was read from the cache meanwhile")
    func overtakenDownload() throws {
        var machine = machine(hasLeases: false)
        _ = machine.start(now: 0)
        // The cache does not answer in time, and the CDN is asked at 2000.
        let beforeFetch = machine.cacheTimerFired(now: 2000)
        let fetch = try #require(fetches(beforeFetch).first)
        // Another process downloaded at 5000. The late answer contains its entry.
        #expect(published(machine.cacheRead(.entry(Entry("new", 5000)), now: 6000)) == ["new"])
        // The CDN's answer to the older request comes last.
        let actions = machine.fetchEnded(.entry(Entry("old", 2000)), id: fetch, now: 7000)
        #expect(machine.entry?.name == "new")
        #expect(!published(actions).contains("old"))
    }

    @Test("a signal that comes while a read is overdue is followed by a read when that one has ended")
    func signalDuringAnOverdueRead() throws {
        var machine = machine(hasLeases: false)
        _ = machine.start(now: 0)
        let beforeFetch = machine.cacheTimerFired(now: 2000)
        let fetch = try #require(fetches(beforeFetch).first)
        _ = machine.fetchEnded(.entry(Entry("a", 2000)), id: fetch, now: 2100)
        var actions = machine.cacheChanged(now: 2200)
        actions += machine.cacheRead(.entry(Entry("a", 2000)), now: 2300)
        #expect(reads(actions) == 1)
    }

    @Test("signals that come faster than the cache answers do not prevent a refresh from ending")
    func endlessSignals() throws {
        var machine = machine(.manual, hasLeases: false)
        var actions = machine.refreshRequested(by: 1, now: 0)
        var count = 0
        // Each signal comes before the answer to the read before it.
        while fetches(actions).isEmpty, count < 1000 {
            count += 1
            actions = machine.cacheChanged(now: Int64(count))
            actions += machine.cacheRead(.absent, now: Int64(count))
        }
        #expect(count <= 10)
    }

    @Test("an ETag that named two configs stays unused while the CDN serves the second one")
    func ambiguousETag() {
        var held = HeldEntry<Entry>(patience: 0)
        _ = held.take(downloaded: Entry("first", 0, eTag: "x"), nil)
        _ = held.take(downloaded: Entry("second", 60_000, eTag: "x"), nil)
        #expect(held.entry?.eTag == "")
        // Without an ETag to send, the next poll downloads the whole config again.
        _ = held.take(downloaded: Entry("second", 120_000, eTag: "x"), nil)
        #expect(held.entry?.eTag == "")
    }

    // MARK: - Hot loops

    @Test("a cache that returns an old entry and keeps a newer one is written once for each poll, not in a loop")
    func keptNewer() throws {
        var machine = try polled(at: 0)
        var (writes, events) = (0, 0)
        // A store whose reads lag behind its writes: no time passes, and no poll is due.
        var queue = machine.cacheChanged(now: 1000)
        while !queue.isEmpty, events < 1000 {
            events += 1
            let action = queue.removeFirst()
            switch action {
            case .readCache: queue += machine.cacheRead(.older, now: 1000)
            case .acquireLease(let id): queue += machine.leaseResolved(.granted, id: id, now: 1000)
            case .writeCache:
                writes += 1
                // The service sends this event when the store answers `keptNewer`.
                queue += machine.cacheChanged(now: 1000)
            default: break
            }
        }
        #expect(writes <= 3)
    }
}
