import ConfigCatCache
import ConfigCatFileCache
import ConfigCatInMemoryCache
import ConfigCatRedisCache
import ConfigCatSQLiteCache
import ConfigCatSimulation
import ConfigCatTestSupport
import Foundation
import Synchronization
import Testing

/// Sequences of operations to which all stores have to give the same answers.
@Suite("Adversity: agreement of stores", .cleanup)
struct StoreAgreementIntegrationTests {
    /// An operation of a store whose clock the test sets.
    private enum Operation {
        case advance(Int64)
        case set(String)
        case write(age: Int64, eTag: String, future: Int64?)
        case refresh(age: Int64, eTag: String, future: Int64?)
        case acquire(token: String, duration: Duration)
        case release(token: String)
    }

    private static let longest = 600_000 as Int64
    private static let tokens = ["a", "b", "a b", " a", "", "é\n\u{0}", String(repeating: "t", count: 300)]
    private static let durations: [Duration] = [
        .zero, .microseconds(1), .microseconds(999), .milliseconds(1), .milliseconds(50), .seconds(5), .seconds(600),
        .seconds(601), .seconds(-1), .seconds(Int64.max), .seconds(Int64.min), Duration.seconds(Int64.max) * 10,
        Duration.seconds(Int64.min) * 10,
    ]

    private static func draw(_ generator: inout SplitMix, now: Int64) -> Operation {
        let steps: [Int64] = [0, 1, 1, 49, 50, 51, 4999, 5000, 600_000, 600_001, -1, -50, -700_000]
        let ages: [Int64] = [0, 1, 50, 5000, 1_000_000, -1, -5000]
        let eTags = ["1", "2", "é"]
        let times = ["\(now)", "\(now + 5000)", "\(now).5", "007", "x", "+\(now)", "1.5e12", "9000000000000"]
        let future = Bool.random(using: &generator) ? nil : now + 5000
        let age = ages.randomElement(using: &generator) ?? 0, eTag = eTags.randomElement(using: &generator) ?? ""
        let token = tokens.randomElement(using: &generator) ?? ""
        switch Int.random(in: 0..<11, using: &generator) {
        case 0...2: return .advance(steps.randomElement(using: &generator) ?? 0)
        case 3:
            return .set("\(times.randomElement(using: &generator) ?? "")\n\(eTag)\n{}")
        case 4, 5: return .write(age: age, eTag: eTag, future: future)
        case 6, 7: return .refresh(age: age, eTag: eTag, future: future)
        case 8, 9:
            return .acquire(token: token, duration: durations.randomElement(using: &generator) ?? .zero)
        default: return .release(token: token)
        }
    }

    /// Performs an operation. A timestamp refresh that needs a full write is completed by one, as clients do.
    private func perform(_ operation: Operation, _ cache: any FleetConfigCache, now: Int64) async throws -> String {
        switch operation {
        case .advance: return ""
        case .set(let text):
            try await cache.write(for: "key", value: text)
            return ""
        case .write(let age, let eTag, let future):
            let entry = CacheEntry(fetchTime: now - age, eTag: eTag, configJSON: "{}")
            return "\(try await cache.write(entry, replacing: future, for: "key"))"
        case .refresh(let age, let eTag, let future):
            let header = CacheEntryHeader(fetchTime: now - age, eTag: eTag)
            let outcome = try await cache.refreshTimestamp(header, replacing: future, for: "key")
            guard outcome == .needsFullWrite else { return "\(outcome)" }
            let entry = CacheEntry(fetchTime: now - age, eTag: eTag, configJSON: "{}")
            return "\(try await cache.write(entry, replacing: future, for: "key"))"
        case .acquire(let token, let duration):
            let result = try await cache.acquireLease(for: "key", token: token, duration: duration)
            if case .held(let left) = result {
                #expect(left > .zero && left <= .milliseconds(Self.longest))
            }
            return "\(result)"
        case .release(let token):
            try await cache.releaseLease(for: "key", token: token)
            return ""
        }
    }

    @Test(
        "memory, files and SQLite give the same answers to the same operations at the same times",
        arguments: 1...12 as ClosedRange<UInt64>)
    func agreement(_ seed: UInt64) async throws {
        try await withFolder { folder in
            let time = Mutex(1_700_000_000_000 as Int64)
            let now: @Sendable () -> Int64 = { time.withLock(\.self) }
            let caches: [any FleetConfigCache] = [
                InMemoryConfigCache(now: now), try FileConfigCache(directory: folder.path + "/files", now: now),
                try SQLiteConfigCache(path: folder.path + "/cache.db", now: now),
            ]
            var generator = SplitMix(state: seed)
            for step in 0..<150 {
                let operation = Self.draw(&generator, now: now())
                if case .advance(let milliseconds) = operation { time.withLock { $0 += milliseconds } }
                var answers: [String] = []
                for cache in caches {
                    let answer = try await perform(operation, cache, now: now())
                    let stored = try await cache.read(for: "key").map { try? CacheEntry(serialized: $0) }
                    answers.append("\(answer) \(try await cache.readHeader(for: "key")) \(String(describing: stored))")
                }
                try #require(Set(answers).count == 1, "step \(step), \(operation): \(answers)")
            }
        }
    }

    @Test(
        "Redis answers like memory",
        .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)),
        arguments: 1...4 as ClosedRange<UInt64>)
    func redis(_ seed: UInt64) async throws {
        let server = try await RedisServer()
        let redis: RedisConfigCache = try .redis(server.url)
        // Operations are dated a minute ago, so that it does not matter in which order the stores perform them.
        let memory = InMemoryConfigCache { HostClock.now }
        var generator = SplitMix(state: seed)
        for step in 0..<200 {
            let now = HostClock.now - 60_000
            var operation = Self.draw(&generator, now: now)
            // Leases that end during the test would end at other moments in the two stores.
            if case .acquire(let token, let duration) = operation {
                operation = .acquire(token: token, duration: max(duration, .seconds(300)))
            }
            // What is in the future has to be later than the end of the test.
            if case .write(let age, let eTag, let future) = operation, age < 0 {
                operation = .write(age: age * 1_000_000, eTag: eTag, future: future)
            }
            if case .refresh(let age, let eTag, let future) = operation, age < 0 {
                operation = .refresh(age: age * 1_000_000, eTag: eTag, future: future)
            }
            var answers: [String] = []
            for cache in [memory, redis] as [any FleetConfigCache] {
                var answer = try await perform(operation, cache, now: now)
                if answer.hasPrefix("held") { answer = "held" }
                let stored = try await cache.read(for: "key").map { try? CacheEntry(serialized: $0) }
                answers.append("\(answer) \(String(describing: stored))")
            }
            try #require(Set(answers).count == 1, "step \(step), \(operation): \(answers)")
        }
        await redis.close()
        try await server.stop()
    }

    @Test(
        "a lease that lasts longer than is asked for is not respected, in Redis as in memory",
        .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)))
    func longerLease() async throws {
        let server = try await RedisServer()
        let redis: RedisConfigCache = try .redis(server.url)
        for cache in [InMemoryConfigCache(), redis] as [any FleetConfigCache] {
            // What a lease looks like after the clock of the store has been set back.
            _ = try await cache.acquireLease(for: "key", token: "a", duration: .seconds(600))
            #expect(try await cache.acquireLease(for: "key", token: "b", duration: .seconds(5)) == .granted)
        }
        await redis.close()
        try await server.stop()
    }

    @Test(
        "no duration of a lease, however large or small, is an error, and no lease lasts longer than ten minutes",
        .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)), arguments: durations)
    func extremes(_ duration: Duration) async throws {
        let server = try await RedisServer()
        try await withFolder { folder in
            let caches: [any FleetConfigCache] = [
                InMemoryConfigCache(), try FileConfigCache(directory: folder.path),
                try SQLiteConfigCache(path: folder.path + "/cache.db"), try RedisConfigCache.redis(server.url),
            ]
            for cache in caches {
                #expect(try await cache.acquireLease(for: "key", token: "a", duration: duration) == .granted)
                let other = try await cache.acquireLease(for: "key", token: "b", duration: .seconds(600))
                if case .held(let left) = other { #expect(left <= .seconds(600)) }
                if duration <= .zero { #expect(other == .granted || cache is RedisConfigCache) }
                if duration >= .seconds(600) { #expect(other != .granted, "\(type(of: cache))") }
            }
        }
        try await server.stop()
    }
}
