import Testing

@testable import ConfigCat

@Suite("Health record")
struct HealthRecordTests {
    private let refusal = RefreshResult.failure(.httpRequestFailure, "connection refused")

    @Test("A client that has no config yet is stale")
    func new() {
        let health = HealthRecord().health(HealthRecord.Present(), now: 1000)
        #expect(health.configAge == nil)
        #expect(health.lastSync == nil)
        #expect(health.cache == nil)
        #expect(!health.isReady)
        #expect(health.isStale(after: .seconds(86_400)))
    }

    @Test("The config's age counts from the request to the CDN, the sync's age from when this client learned of it")
    func ages() {
        var record = HealthRecord()
        record.synced(.cache, asked: 10_000, now: 40_000)
        let health = record.health(HealthRecord.Present(), now: 70_000)
        #expect(health.configAge == .seconds(60))
        #expect(health.lastSync == ClientHealth.Sync(source: .cache, age: .seconds(30)))
        #expect(!health.isStale(after: .seconds(60)))
        #expect(health.isStale(after: .milliseconds(59_999)))
    }

    @Test("Failures are counted until the next sync with the CDN or the cache")
    func failures() {
        var record = HealthRecord()
        record.synced(.cdn, asked: 0, now: 1)
        record.downloadFailed(refusal, now: 60_000)
        record.downloadFailed(refusal, now: 120_000)
        var health = record.health(HealthRecord.Present(), now: 125_000)
        #expect(health.consecutiveFailures == 2)
        #expect(health.lastFailure?.code == .httpRequestFailure)
        #expect(health.lastFailure?.message == "connection refused")
        #expect(health.lastFailure?.age == .seconds(5))
        record.synced(.cache, asked: 125_000, now: 126_000)
        health = record.health(HealthRecord.Present(), now: 127_000)
        #expect(health.consecutiveFailures == 0)
        #expect(health.lastFailure == nil)
    }

    @Test("A cache works if its last read and its last write succeeded")
    func cache() {
        var record = HealthRecord()
        record.cacheRead("refused")
        record.cacheWritten(nil)
        let present = HealthRecord.Present(cache: .silent)
        #expect(record.health(present, now: 0).cache?.isWorking == false)
        #expect(record.health(present, now: 0).cache?.readError == "refused")
        record.cacheRead(nil)
        #expect(record.health(present, now: 0).cache?.isWorking == true)
        record.cacheWritten("READONLY")
        #expect(record.health(present, now: 0).cache?.writeError == "READONLY")
        #expect(record.health(present, now: 0).cache?.isWorking == false)
    }

    @Test("A subscription is active if the client listens, and the cache does not report that it is not subscribed")
    func subscription() {
        var record = HealthRecord()
        func state(_ cache: HealthRecord.CacheKind) -> CacheHealth.Subscription? {
            record.health(HealthRecord.Present(cache: cache), now: 0).cache?.subscription
        }
        #expect(state(.silent) == .unsupported)
        #expect(state(.notifying) == .inactive)
        record.listens(true)
        #expect(state(.silent) == .unsupported)
        #expect(state(.notifying) == .active)
        #expect(state(.reporting(isSubscribed: false)) == .inactive)
        #expect(state(.reporting(isSubscribed: true)) == .active)
        record.listens(false)
        #expect(state(.notifying) == .inactive)
    }

    @Test("A client with local overrides only is never stale")
    func localOnly() {
        let health = HealthRecord().health(HealthRecord.Present(isLocalOnly: true), now: 0)
        #expect(!health.isStale(after: .zero))
    }

    @Test("No age is negative, whatever the clock shows")
    func extremes() {
        var record = HealthRecord()
        record.synced(.cdn, asked: .min, now: .max)
        #expect(record.health(HealthRecord.Present(), now: .max).configAge == .milliseconds(Int64.max))
        #expect(record.health(HealthRecord.Present(), now: .min).lastSync?.age == .zero)
    }
}
