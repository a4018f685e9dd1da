import ConfigCatCache
import Testing

@testable import ConfigCat

/// The value types that the state machine uses, each tested separately.
@Suite("Polling rules")
struct PollingRulesTests {
    typealias Entry = PollingStateMachineTests.Entry

    // MARK: - Times

    @Test("a slow answer of a store about its time does not make the held entry look old")
    func lateAnswer() {
        // Asked at 2,000, when the store's clock showed 1,002,000; answered at 19,000.
        let store = StoreReading(storeTime: 1_002_000, instant: 19_000, asked: 2000)
        #expect(!store.isExact)
        let read = EntryTime(fetchTime: 1_001_000, instant: 1000, storeTime: 1_001_000)
        for storeTime in [nil, 1_005_000] as [Int64?] {
            let held = EntryTime(fetchTime: 0, instant: 5000, storeTime: storeTime)
            #expect(read.isOlder(than: held, by: store))
        }
        let before = EntryTime(fetchTime: 0, instant: 500)
        #expect(!read.isOlder(than: before, by: StoreReading(storeTime: 1_002_000, instant: 2001, asked: 2000)))
    }

    @Test("whether an entry is older than the held one depends on the store's times alone")
    func storeTimes() {
        let store = StoreReading(storeTime: 1000, instant: 50_000)
        let held = EntryTime(fetchTime: 0, instant: 49_000, storeTime: 500)
        // The instant is too early, because the store was slow to answer.
        #expect(!EntryTime(fetchTime: 600, instant: 40_000, storeTime: 600).isOlder(than: held, by: store))
        #expect(EntryTime(fetchTime: 400, instant: 50_000, storeTime: 400).isOlder(than: held, by: store))
        #expect(!EntryTime(fetchTime: 500, instant: 0, storeTime: 500).isOlder(than: held, by: store))
    }

    @Test(
        "a download without a store time, or with one that is in the future, is dated by the time that has passed since"
    )
    func dating() {
        let store = StoreReading(storeTime: 1000, instant: 50_000)
        let undated = EntryTime(fetchTime: 7, instant: 49_900)
        // One millisecond earlier, because both clocks are rounded down.
        #expect(undated.dated(by: store).storeTime == 899)
        var dated = undated
        dated.storeTime = 5000
        #expect(dated.dated(by: store).storeTime == 899)
        dated.storeTime = 950
        #expect(dated.dated(by: store).storeTime == 950)
        #expect(undated.dated(by: nil) == undated)
        #expect(StoreReading(storeTime: .min, instant: .max).storeTime(at: .min) == .min)
    }

    @Test(
        "an entry of unknown age is newer than entries that were held at its first read, and older than later ones"
    )
    func unknownAge() {
        let future = EntryTime(fetchTime: 9000, instant: 100, storeTime: 9000, isAgeKnown: false)
        let store = StoreReading(storeTime: 1000, instant: 200)
        #expect(!future.isOlder(than: EntryTime(fetchTime: 0, instant: 99, storeTime: 800), by: store))
        #expect(future.isOlder(than: EntryTime(fetchTime: 0, instant: 100, storeTime: 900), by: store))
        #expect(!EntryTime(fetchTime: 0, instant: 0, storeTime: 1).isOlder(than: future, by: store))
    }

    @Test("an entry keeps the time at which it was first read, and a written one the time at which it was asked for")
    func seen() {
        var seen = SeenEntry()
        let future = CacheEntryHeader(fetchTime: 5000, eTag: "1")
        let first = seen.date(future, storeTime: 1000, earliest: 10, now: 20)
        #expect(first.instant == 20 && !first.isAgeKnown)
        // Its date has passed, but the age is still unknown.
        #expect(seen.date(future, storeTime: 6000, earliest: 5010, now: 5020) == first)
        let known = seen.date(CacheEntryHeader(fetchTime: 5900, eTag: "1"), storeTime: 6000, earliest: 5010, now: 5020)
        #expect(known.instant == 4910 && known.isAgeKnown)
        let asked = EntryTime(fetchTime: 1, instant: 2, storeTime: 3)
        seen.written(CacheEntryHeader(fetchTime: 7000, eTag: "2"), asked)
        #expect(seen.date(CacheEntryHeader(fetchTime: 7000, eTag: "2"), storeTime: 100, earliest: 0, now: 0) == asked)
        for time in [Int64.min, -1, 0, .max] {
            _ = seen.date(CacheEntryHeader(fetchTime: time, eTag: ""), storeTime: -1, earliest: .min, now: .max)
        }
    }

    // MARK: - Writes

    private func steps(_ queue: inout WriteQueue<Entry>) -> [String] {
        var steps: [String] = []
        while let step = queue.next() {
            switch step {
            case .write(let write): steps.append((write.isConfirmed ? "refresh " : "write ") + write.entry.name)
            case .releaseLease: steps.append("release")
            }
        }
        return steps
    }

    private func write(_ name: String, isConfirmed: Bool = false) -> PollingStateMachine<Entry>.Write {
        PollingStateMachine.Write(Entry(name: name, fetchTime: 0), isConfirmed: isConfirmed)
    }

    @Test("of several waiting writes, only the newest is performed, whole if any was; the lease is released last")
    func queue() {
        var queue = WriteQueue<Entry>()
        queue.leaseGranted()
        queue.add(write("a"))
        queue.releaseLease()
        queue.add(write("b"))
        queue.add(write("b", isConfirmed: true))
        #expect(steps(&queue) == ["write b", "release"])
        queue.add(write("b", isConfirmed: true))
        #expect(steps(&queue) == ["refresh b"])
    }

    @Test("a lease is released once, and only if it is held; a waiting release does not end a new lease")
    func lease() {
        var queue = WriteQueue<Entry>()
        queue.releaseLease()
        #expect(steps(&queue) == [])
        queue.leaseGranted()
        queue.releaseLease()
        queue.leaseGranted()
        #expect(steps(&queue) == [])
        queue.releaseLease()
        queue.releaseLease()
        #expect(steps(&queue) == ["release"])
    }

    // MARK: - Leases

    @Test("a lease that ends later than a new one would is from before the clock was set back, and is replaced")
    func leaseOfThePast() {
        var lease: LeaseRecord? = LeaseRecord(token: "dead", end: 3_605_000)
        #expect(LeaseRecord.acquire(&lease, token: "new", duration: .milliseconds(5000), now: 0) == .granted)
        #expect(
            LeaseRecord.acquire(&lease, token: "other", duration: .milliseconds(5000), now: 1000)
                == .held(for: .milliseconds(4000)))
        lease = LeaseRecord(token: "dead", end: .max)
        #expect(LeaseRecord.acquire(&lease, token: "new", duration: .milliseconds(5000), now: .min) == .granted)
    }

    // MARK: - Schedule

    @Test("times at the limits of Int64 do not overflow", arguments: [Int64.min, -1, 0, .max])
    func extremes(_ instant: Int64) {
        for mode in [
            PollingMode.Kind.auto(interval: .seconds(1), maxInitWait: .seconds(0)),
            .lazy(timeToLive: .seconds(2_147_483)), .manual,
        ] {
            let schedule = PollSchedule(mode: mode, jitter: 0)
            for now in [Int64.min, 0, .max] { _ = schedule.isExpired(instant, now: now) }
        }
    }
}
