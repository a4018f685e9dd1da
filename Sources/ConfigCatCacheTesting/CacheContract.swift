public import ConfigCatCache

/// The requirements of a `ConfigCache`, as checks that run against any implementation.
///
/// With Swift Testing:
///
///     @Test("keeps the contract of caches", arguments: CacheContract.checks)
///     func contract(_ check: CacheContract.Check) async throws {
///         try await check.run { MyCache() }
///     }
public enum CacheContract {
    /// One requirement of a cache.
    public struct Check: Sendable, CustomStringConvertible {
        /// A statement of the requirement.
        public let description: String
        private let body: @Sendable (any ConfigCache) async throws -> Void

        init(_ description: String, _ body: @escaping @Sendable (any ConfigCache) async throws -> Void) {
            self.description = description
            self.body = body
        }

        /// Runs the check against a new cache, and closes it if it can be closed.
        ///
        /// - Parameter make: Creates a cache. It need not be empty, but nothing else may use keys that begin with
        ///   `contract-`.
        /// - Throws: ``CacheContract/Violation`` if the cache does not keep the contract; otherwise the error of the
        ///   cache.
        public func run(_ make: @Sendable () async throws -> any ConfigCache) async throws {
            let cache = try await make()
            do {
                try await body(cache)
            } catch {
                await (cache as? any ClosableConfigCache)?.close()
                throw error
            }
            await (cache as? any ClosableConfigCache)?.close()
        }
    }

    /// The error that reports how a cache violates the contract.
    public struct Violation: Error, CustomStringConvertible {
        /// A sentence that says what is wrong.
        public let description: String
    }

    /// All checks.
    public static let checks: [Check] = basicChecks + fleetChecks

    private static let basicChecks: [Check] = [
        Check("a key that was never written has no value") { cache in
            let value = try await cache.read(for: key("absent"))
            try require(value == nil, "an absent key has the value '\(value?.prefix(40) ?? "")'")
        },
        Check("any Unicode string is returned byte for byte, U+0000 included") { cache in
            for (index, text) in texts.enumerated() {
                let key = key("text-\(index)")
                try await cache.write(for: key, value: text)
                try await expect(text, in: cache, for: key)
            }
        },
        Check("a value of any length up to 32 MiB is returned") { cache in
            for length in [0, 1, 4095, 4096, 65_537, 1 << 20, 32 << 20] {
                let value = pattern(length, seed: length)
                let key = key("length-\(length)")
                try await cache.write(for: key, value: value)
                try await expect(value, in: cache, for: key)
            }
        },
        Check("a later value replaces an earlier one, longer or shorter") { cache in
            let key = key("overwrite")
            for length in [10, 100_000, 5, 0, 50_000] {
                let value = pattern(length, seed: length)
                try await cache.write(for: key, value: value)
                try await expect(value, in: cache, for: key)
            }
        },
        Check("each of many keys has its own value") { cache in
            let keys = (0..<200).map { key("many-\($0)") }
            for key in keys { try await cache.write(for: key, value: "value of \(key)") }
            for key in keys { try await expect("value of \(key)", in: cache, for: key) }
        },
        Check("keys that look like paths, patterns or hidden files are ordinary keys") { cache in
            let keys = [
                "../contract-up", "contract-/slash", "contract-%2F", "contract-*", "contract- space", "contract-é",
                ".contract-dot",
            ]
            for key in keys { try await cache.write(for: key, value: "value of \(key)") }
            for key in keys { try await expect("value of \(key)", in: cache, for: key) }
        },
        Check("concurrent readers see whole values only") { cache in
            let key = key("torn")
            // Each value repeats one character, so that a mixture of two values is detected.
            let values = (0..<8).map {
                String(repeating: Character(Unicode.Scalar(UInt8(97 + $0))), count: 20_000 + $0 * 7001)
            }
            try await cache.write(for: key, value: values[0])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for value in values {
                    group.addTask { for _ in 0..<10 { try await cache.write(for: key, value: value) } }
                }
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<50 {
                            let value = try await cache.read(for: key)
                            try require(
                                value.map(values.contains) ?? false, "a read returned a value that was not written")
                        }
                    }
                }
                try await group.waitForAll()
            }
        },
        Check("a cancelled read returns the value or throws, and the cache still works") { cache in
            let key = key("cancelled")
            try await cache.write(for: key, value: "before")
            for _ in 0..<20 {
                let task = Task { try await cache.read(for: key) }
                task.cancel()
                if let value = try? await task.value {
                    try require(value == "before", "a cancelled read gave '\(value)'")
                }
            }
            try await expect("before", in: cache, for: key)
        },
        Check("a removed value is absent, and other values stay") { cache in
            guard let removing = cache as? any RemovingConfigCache else { return }
            try await removing.remove(for: key("never-there"))
            for name in ["removed", "kept"] { try await cache.write(for: key(name), value: name) }
            try await removing.remove(for: key("removed"))
            try require(try await cache.read(for: key("removed")) == nil, "a removed value is still there")
            try await expect("kept", in: cache, for: key("kept"))
        },
        Check("a closed cache returns no value and refuses writes, and may be closed again") { cache in
            guard let closable = cache as? any ClosableConfigCache else { return }
            await closable.close()
            await closable.close()
            let read = try? await cache.read(for: key("closed"))
            try require(read == nil, "a closed cache answered a read")
            var isRefused = false
            do { try await cache.write(for: key("closed"), value: "x") } catch { isRefused = true }
            try require(isRefused, "a closed cache accepted a write")
        },
    ]

    /// Strings that are easily handled wrongly.
    private static let texts = [
        "", "a", "\u{0}", "a\u{0}b\u{0}", "\n", "1700000000000\n\"etag\"\n{\"f\":{}}", "\r\n", "é", "e\u{301}", "🙂👩‍👩‍👧",
        "日本語", "\u{FEFF}bom", "\u{FFFD}",
        "'; DROP TABLE entries; --", "%s%n", "\\", "\u{7F}\u{80}", "\u{10FFFF}",
    ]

    static func key(_ name: String) -> String { "contract-\(name)" }

    /// Returns a string of a given length in bytes whose parts differ.
    static func pattern(_ length: Int, seed: Int) -> String {
        String(decoding: (0..<length).map { UInt8(32 + ($0 &* 31 &+ seed) % 90) }, as: UTF8.self)
    }

    static func require(_ holds: Bool, _ message: @autoclosure () -> String) throws {
        if !holds { throw Violation(description: message()) }
    }

    private static func expect(_ expected: String, in cache: any ConfigCache, for key: String) async throws {
        guard let value = try await cache.read(for: key) else {
            throw Violation(description: "the value that was written for '\(key)' is missing")
        }
        try require(
            value.utf8.elementsEqual(expected.utf8),
            "the value for '\(key)' has \(value.utf8.count) bytes and differs from the \(expected.utf8.count) bytes that were written"
        )
    }
}
