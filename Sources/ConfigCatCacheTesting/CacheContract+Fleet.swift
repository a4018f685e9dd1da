import ConfigCatCache

extension CacheContract {
    /// The requirements of the capabilities; a cache without the capability passes.
    static let fleetChecks: [Check] = [
        Check("reading a header returns the entry's fetch time and ETag, if there is an entry, and the store's time") {
            cache in
            guard let cache = cache as? any HeaderReadingConfigCache else { return }
            let absent = try await cache.readHeader(for: key("no-header"))
            try require(absent.content == .absent, "an absent key has a header")
            try require(
                absent.storeTime > 1_700_000_000_000, "without an entry, the store's time is \(absent.storeTime)")
            let json = pattern(300_000, seed: 1)
            try await cache.write(for: key("header"), value: "1700000000000\n\"é\"\n\(json)")
            let reading = try await cache.readHeader(for: key("header"))
            let age = reading.storeTime - (reading.header?.fetchTime ?? 0)
            try require(reading.header?.eTag == "\"é\"", "the header is \(reading)")
            // A layered cache and each of its layers have different clocks.
            let expected = reading.storeTime - 1_700_000_000_000
            try require(age > expected - 1000 && age < expected + 60_000, "the entry has the age \(age) ms")
            // The bytes that are read as the header may end within a character.
            for length in 0..<4 {
                let text = String(repeating: "x", count: length) + String(repeating: "é", count: 400)
                try await cache.write(for: key("cut"), value: "1700000000000\n\"1\"\n\(text)")
                let header = try await cache.readHeader(for: key("cut")).header
                try require(header?.eTag == "\"1\"", "the header is \(header as Any)")
            }
            try await cache.write(for: key("garbage"), value: "garbage")
            let garbage = try await cache.readHeader(for: key("garbage"))
            try require(garbage.header == nil, "a value that is not an entry has a header")
        },
        Check("headers, ordered writes and timestamp refreshes work with an ETag of up to 8 KiB") {
            cache in
            guard let cache = cache as? any OrderedConfigCache else { return }
            for length in [0, 241, 242, 300, 8192] {
                let (key, eTag) = (key("etag-\(length)"), String(repeating: "e", count: length))
                try await cache.write(for: key, value: "1700000000000\n\(eTag)\n{}")
                try require(
                    try await cache.readHeader(for: key).header?.eTag == eTag, "an ETag of \(length) bytes is lost")
                if length > 0 {
                    try await expect(.written, try await cache.refreshTimestamp(eTag: eTag, age: 1000, for: key))
                }
                try await expect(
                    .keptNewer, try await cache.write(eTag: "2", configJSON: "{}", age: 9_000_000_000_000, for: key))
                try await expect(.written, try await cache.write(eTag: "2", configJSON: "{}", for: key))
            }
        },
        Check("an older download does not replace a newer entry") { cache in
            guard let cache = cache as? any OrderedConfigCache else { return }
            let key = key("order")
            try await expect(.written, try await cache.write(eTag: "1", configJSON: "{}", age: 2000, for: key))
            try await expect(.keptNewer, try await cache.write(eTag: "2", configJSON: "{}", age: 60_000, for: key))
            let kept = try await entry(in: cache, for: key)
            try require(kept.eTag == "1" && kept.configJSON == "{}", "the entry is \(kept)")
            try await expect(.written, try await cache.write(eTag: "3", configJSON: "[\u{0}é]", age: 1000, for: key))
            let replaced = try await entry(in: cache, for: key)
            try require(replaced.eTag == "3" && replaced.configJSON == "[\u{0}é]", "the entry is \(replaced)")
            try require(String(replaced.fetchTime).utf8.count == 13, "the time is \(replaced.fetchTime)")
        },
        Check("an entry dated in the future is replaced only by a download that was requested after it was seen") {
            cache in
            guard let cache = cache as? any OrderedConfigCache else { return }
            let key = key("future")
            try await cache.write(for: key, value: "9000000000000\n1\n{}")
            // A layered cache records by itself which entries it has seen.
            let asked = try await cache.readHeader(for: key)
            let earlier = CacheEntry(fetchTime: asked.storeTime - 60_000, eTag: "2", configJSON: "{}")
            try await expect(.keptNewer, try await cache.write(earlier, replacing: nil, for: key))
            try await Task.sleep(for: .milliseconds(5))
            let seen = try await cache.readHeader(for: key)
            try require(seen.header?.fetchTime ?? 0 > seen.storeTime, "the header is \(seen)")
            let later = CacheEntry(fetchTime: seen.storeTime, eTag: "2", configJSON: "{}")
            try await expect(.written, try await cache.write(later, replacing: seen.header?.fetchTime, for: key))
            try require(try await entry(in: cache, for: key).eTag == "2", "the entry is not replaced")
        },
        Check("a download dated in the future replaces no entry") { cache in
            guard let cache = cache as? any OrderedConfigCache else { return }
            let key = key("from-the-future")
            try await cache.write(for: key, value: "1700000000000\n1\n{}")
            try await expect(.keptNewer, try await cache.write(eTag: "2", configJSON: "{}", age: -3_600_000, for: key))
            try await expect(.keptNewer, try await cache.refreshTimestamp(eTag: "1", age: -3_600_000, for: key))
        },
        Check("a value that is not an entry is replaced") { cache in
            guard let cache = cache as? any OrderedConfigCache else { return }
            for garbage in ["", "garbage", "x\ny\nz", "\n\n", "0x9000000000000\n1\n{}", "nan\n1\n{}"] {
                try await cache.write(for: key("replaced"), value: garbage)
                try await expect(
                    .written, try await cache.write(eTag: "1", configJSON: "{}", age: 60_000, for: key("replaced")))
            }
        },
        Check("a timestamp refresh changes only the fetch time, and only of an entry with the given ETag") { cache in
            guard let cache = cache as? any OrderedConfigCache else { return }
            let key = key("refresh")
            let json = pattern(100_000, seed: 3)
            try await expect(.needsFullWrite, try await cache.refreshTimestamp(eTag: "1", age: 0, for: key))
            try await cache.write(for: key, value: "1700000000000\n1\n\(json)")
            try await expect(.needsFullWrite, try await cache.refreshTimestamp(eTag: "2", age: 0, for: key))
            try await expect(.written, try await cache.refreshTimestamp(eTag: "1", age: 1000, for: key))
            let refreshed = try await entry(in: cache, for: key)
            try require(
                refreshed.fetchTime > 1_700_000_000_000 && refreshed.eTag == "1", "the fetch time is not refreshed")
            try require(refreshed.configJSON.utf8.elementsEqual(json.utf8), "a timestamp refresh changed the config")
            try await expect(.keptNewer, try await cache.refreshTimestamp(eTag: "1", age: 60_000, for: key))
            let kept = try await entry(in: cache, for: key)
            // The times of layers differ by some milliseconds; a late refresh would set the time back by a minute.
            try require(
                kept.fetchTime > refreshed.fetchTime - 30_000 && kept.eTag == "1"
                    && kept.configJSON == refreshed.configJSON,
                "a late timestamp refresh changed the entry")
            // Another SDK's fetch time may have a fraction, and then cannot be overwritten in place.
            try await cache.write(for: key, value: "1700000000000.5\n1\n{}")
            let outcome = try await cache.refreshTimestamp(eTag: "1", age: 0, for: key)
            let after = try await entry(in: cache, for: key)
            try require(
                outcome == .needsFullWrite || outcome == .written && after.fetchTime > 1_700_000_000_000,
                "the outcome of a timestamp refresh is \(outcome), the entry \(after)")
            try require(
                after.eTag == "1" && after.configJSON == "{}", "a timestamp refresh damaged the entry: \(after)")
        },
        Check("concurrent writers leave the newest entry") { cache in
            guard let cache = cache as? any OrderedConfigCache else { return }
            let key = key("race")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...40 {
                    group.addTask {
                        _ = try await cache.write(
                            eTag: "\(number)", configJSON: pattern(5000, seed: number), age: Int64(number) * 1_000_000,
                            for: key)
                    }
                }
                try await group.waitForAll()
            }
            let left = try await entry(in: cache, for: key)
            try require(
                left.eTag == "1" && left.configJSON == pattern(5000, seed: 1),
                "the remaining entry has the ETag \(left.eTag)")
        },
        Check("a lease has one holder until it is released or expires") { cache in
            guard let cache = cache as? any LeasingConfigCache else { return }
            let key = key("lease-\(UInt32.random(in: 0 ... .max))")
            func acquire(_ token: String, _ milliseconds: Int64) async throws -> LeaseResult {
                try await cache.acquireLease(for: key, token: token, duration: .milliseconds(milliseconds))
            }
            try require(try await acquire("a", 60_000) == .granted, "a free lease is not granted")
            try require(try await acquire("a", 60_000) == .granted, "a lease is not granted to its holder again")
            guard case .held(let left) = try await acquire("b", 60_000), left > .zero, left <= .seconds(60) else {
                throw Violation(description: "a held lease is granted to another process")
            }
            try await cache.releaseLease(for: key, token: "b")
            try require(try await acquire("b", 60_000) != .granted, "another process could release the lease")
            try await cache.releaseLease(for: key, token: "a")
            try require(try await acquire("b", 20) == .granted, "a released lease is not granted")
            try await Task.sleep(for: .milliseconds(60))
            try require(try await acquire("a", 1000) == .granted, "a lease that has expired is not granted")
            let value = try await cache.read(for: key)
            try require(value == nil, "a lease is visible as a value")
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                let raced = CacheContract.key("lease-race-\(UInt32.random(in: 0 ... .max))")
                for number in 0..<20 {
                    group.addTask {
                        try await cache.acquireLease(for: raced, token: "\(number)", duration: .milliseconds(60_000))
                            == .granted
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try require(winners == 1, "\(winners) tokens hold the lease at once")
        },
        Check("a change is reported to those who listen to its key") { cache in
            guard let cache = cache as? any (NotifyingConfigCache & OrderedConfigCache) else { return }
            let key = key("reported")
            let changes = cache.changes(for: key)
            let report = Task {
                // The first signal may only mean that earlier changes have not been reported.
                for await _ in changes where try await cache.read(for: key) != nil { return true }
                return false
            }
            let writer = Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    try await Task.sleep(for: .milliseconds(50))
                    _ = try await cache.write(eTag: "\(number)", configJSON: "{}", age: 0, for: key)
                }
            }
            let limit = Task {
                try await Task.sleep(for: .seconds(60))
                report.cancel()
            }
            let isReported = try await report.value
            limit.cancel()
            writer.cancel()
            try require(isReported, "no change was reported")
        },
    ]

    private static func expect(_ expected: CacheWriteOutcome, _ outcome: CacheWriteOutcome) async throws {
        try require(outcome == expected, "the outcome of a write is \(outcome) instead of \(expected)")
    }

    private static func entry(in cache: any ConfigCache, for key: String) async throws -> CacheEntry {
        guard let text = try await cache.read(for: key) else { throw Violation(description: "the entry is missing") }
        return try CacheEntry(serialized: text)
    }
}
