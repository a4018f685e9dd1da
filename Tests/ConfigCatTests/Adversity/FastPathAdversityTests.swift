import ConfigCatCache
import ConfigCatInMemoryCache
import ConfigCatTestSupport
import Foundation
import Logging
import Synchronization
import Testing

@testable import ConfigCat
@testable import ConfigCatEvaluation

/// Attacks on the paths of the client that evaluate without details.
@Suite("Adversity of the fast paths of the client", .cleanup)
struct FastPathClientAdversityTests {
    /// Settings of all types: constants, targeted, with warnings, malformed.
    private static let json: String = {
        let types = [#"{"b": true}"#, #"{"s": "text"}"#, #"{"i": 7}"#, #"{"d": 7.0}"#]
        var settings: [String] = []
        for (type, value) in types.enumerated() {
            let none = [#"{"b": false}"#, #"{"s": ""}"#, #"{"i": 0}"#, #"{"d": 0}"#][type]
            func rule(_ attribute: String) -> String {
                #"{"c": [{"u": {"a": "\#(attribute)", "c": 0, "l": ["1"]}}], "s": {"v": \#(value)}}"#
            }
            settings.append(#""constant\#(type)": {"t": \#(type), "v": \#(value)}"#)
            settings.append(#""targeted\#(type)": {"t": \#(type), "v": \#(none), "r": [\#(rule("Identifier"))]}"#)
            settings.append(
                #""warned\#(type)": {"t": \#(type), "v": \#(none), "r": [\#(rule("number")), \#(rule("none"))]}"#)
            settings.append(
                #""run\#(type)": {"t": \#(type), "v": \#(none), "r": [\#(rule("x")), \#(rule("x")), \#(rule("x"))]}"#)
            settings.append(#""percent\#(type)": {"t": \#(type), "v": \#(none), "p": [{"p": 100, "v": \#(value)}]}"#)
            settings.append(#""malformed\#(type)": {"t": \#(type), "v": {"x": 1}}"#)
            settings.append(#""unknown\#(type)": {"t": 9, "v": \#(value)}"#)
        }
        return #"{"p": {"s": "salt"}, "f": {\#(settings.joined(separator: ","))}}"#
    }()

    private static let names = ["constant", "targeted", "warned", "run", "percent", "malformed", "unknown", "missing"]
    private static let users: [ConfigCatUser] = [
        ConfigCatUser(identifier: "1", custom: ["x": "1", "number": 1]),
        ConfigCatUser(identifier: "2", custom: ["x": 1]), ConfigCatUser(identifier: ""),
    ]

    /// Compares all ways to read a value with the details: the values, and the events at level warning and above.
    private func compare<Value: Sendable>(_ defaultValue: Value, hasConfig: Bool = true) throws {
        let config = hasConfig ? try Config(json: Self.json) : nil
        for name in Self.names {
            for type in 0..<4 {
                for user in Self.users { compare(name + "\(type)", defaultValue, user, config) }
            }
        }
    }

    private func compare<Value: Sendable>(
        _ key: String, _ defaultValue: Value, _ user: ConfigCatUser, _ config: Config?
    ) {
        let recorder = LogRecorder()
        let snapshot = ConfigCatClientSnapshot(
            config: config, cacheState: .noFlagData, fetchTime: .distantPast, defaultUser: nil,
            log: EventLogger(recorder.logger(.warning)))
        let own = snapshot.with(user: user)
        let flag = FeatureFlag(key, defaultValue: defaultValue)
        func events(_ read: () -> Value) -> (String, [String]) {
            let before = recorder.messages.count
            let value = read()
            return (String(describing: value), Array(recorder.messages.dropFirst(before)))
        }
        let expected = events { snapshot.getValueDetails(for: key, defaultValue: defaultValue, user: user).value }
        let reads: [() -> Value] = [
            { snapshot.getValue(for: key, defaultValue: defaultValue, user: user) },
            { snapshot.value(of: flag, user: user) }, { own.value(of: flag) },
            { own.getValue(for: key, defaultValue: defaultValue) }, { own.value(of: flag, user: user) },
            { own.getValueDetails(for: key, defaultValue: defaultValue).value },
        ]
        for _ in 0..<2 {
            for read in reads { #expect(events(read) == expected, "\(key) as \(Value.self)") }
            // Another user's values do not get into the memo.
            _ = own.value(of: flag, user: Self.users[1])
            _ = own.getValue(for: key, defaultValue: defaultValue, user: Self.users[2])
        }
    }

    @Test("values of every type are those of the details, with the same events, by key, by declaration and remembered")
    func types() throws {
        try compare(false)
        try compare("default")
        try compare(-1)
        try compare(-1.5)
        try compare(nil as Bool?)
        try compare(nil as String?)
        try compare(3 as Int?)
        try compare(nil as Double?)
        try compare(nil as Bool??)
        try compare(5 as Int32)
        try compare(5 as Float)
        try compare(5 as UInt8)
        try compare([1])
        try compare(() as Void)
        try compare("default" as any Sendable)
        try compare(nil as (any Sendable)?)
        try compare(Substring("sub"))
    }

    @Test("without a config, every type gets its default value and the event of the details")
    func noConfig() throws {
        try compare(false, hasConfig: false)
        try compare("default", hasConfig: false)
        try compare(-1, hasConfig: false)
        try compare(nil as Double?, hasConfig: false)
        try compare(5 as Int32, hasConfig: false)
    }

    @Test("declaring 100,000 flags on several threads numbers a bounded count, and each finds its setting")
    func manyFlags() async {
        await #expect(processExitsWith: .success) {
            let config = Config(values: ["flag 0": .int(1), "flag 99999": .int(2), "flag 50000": .bool(true)])
            let snapshot = ConfigCatClientSnapshot(
                config: config, logger: Logger(label: "none") { _ in SwiftLogNoOpLogHandler() })
            await withTaskGroup(of: Void.self) { group in
                for offset in 0..<4 {
                    group.addTask {
                        for number in 0..<100_000 where number % 4 == offset || number % 50_000 == 0 {
                            let flag = FeatureFlag("flag \(number)", defaultValue: 0)
                            let expected = number == 0 ? 1 : number == 99_999 ? 2 : 0
                            precondition(snapshot.value(of: flag) == expected)
                            precondition(snapshot.value(of: flag) == expected)
                        }
                    }
                }
            }
            precondition(DeclaredKeys.number(of: "one more") == -1)
            precondition(snapshot.value(of: FeatureFlag("flag 99999", defaultValue: 0)) == 2)
        }
    }

    @Test("a log handler may evaluate with the same client and snapshot while it writes a warning")
    func reentrancy() async throws {
        let recorder = LogRecorder()
        let client = try makeClient(nil, recorder: recorder) {
            $0.flagOverrides = LocalDictionaryDataSource(source: ["number": 1], behaviour: .localOnly)
        }
        await client.waitForReady()
        let flag = FeatureFlag("number", defaultValue: false)
        let own = client.snapshot(for: ConfigCatUser(identifier: "1"))
        let depth = DepthCount()
        recorder.setHandler {
            guard depth.count.add(1, ordering: .relaxed).newValue < 5 else { return }
            _ = own.value(of: flag)
            _ = client.snapshot().value(of: flag)
            client.setDefaultUser(user: ConfigCatUser(identifier: "2"))
        }
        #expect(await client.value(of: flag) == false)
        #expect(await client.getValue(for: "missing", defaultValue: "d") == "d")
        #expect(depth.count.load(ordering: .relaxed) > 0)
        client.close()
        #expect(await client.value(of: FeatureFlag("number", defaultValue: 0)) == 1)
        #expect(
            client.snapshot(for: ConfigCatUser(identifier: "1")).value(of: FeatureFlag("number", defaultValue: 0)) == 1)
    }

    @Test("reads during changes of the config get a value of one of the configs, never of another type or setting")
    func swaps() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn)
        let flag = FeatureFlag("number", defaultValue: -1)
        let wrong = FeatureFlag("number", defaultValue: "wrong")
        #expect(await client.value(of: flag) == -1)
        let isDone = Switch()
        let isRight = await withTaskGroup(of: Bool.self) { group in
            for task in 0..<3 {
                group.addTask {
                    var last = -1
                    while !isDone.isOn.load(ordering: .relaxed) {
                        let value =
                            task == 0
                            ? await client.value(of: flag) : await client.getValue(for: "number", defaultValue: -1)
                        guard value >= last, value <= 20 else { return false }
                        last = value
                        guard await client.value(of: wrong) == "wrong" else { return false }
                        await Task.yield()
                    }
                    return true
                }
            }
            group.addTask {
                for number in 1...20 {
                    cdn.set(TestConfig.answer(number))
                    await client.forceRefresh()
                }
                isDone.isOn.store(true, ordering: .relaxed)
                return true
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(isRight)
        #expect(await client.value(of: flag) == 20)
    }

    @Test("a repair that is already writing to a layer without ordered writes does not end after a later download")
    func slowRepair() async throws {
        func config(_ value: Int) -> String { #"{"f":{"number":{"t":2,"v":{"i":\#(value)}}}}"# }
        let host = HostRuntime(wall: { 1_700_005_000_000 }, now: { 5_000_000 })
        let (near, plain) = (InMemoryConfigCache { 1_700_005_000_000 }, SlowPlainCache())
        let cache = LayeredConfigCache([near, plain], timeout: .seconds(600), host: host)
        near.write(
            for: "key",
            value: CacheEntry(fetchTime: 1_700_004_995_000, eTag: "\"1\"", configJSON: config(1)).serialized)
        let time = try await cache.readHeader(for: "key").storeTime
        await eventually("a repair writes") { plain.isWaiting }
        let entry = CacheEntry(fetchTime: time, eTag: "\"2\"", configJSON: config(2))
        async let outcome = cache.write(entry, replacing: nil, for: "key")
        // Now, the download is written, or waits for the repair.
        for _ in 0..<1000 where plain.read(for: "key") == nil { await Task.yield() }
        plain.open()
        #expect(try await outcome == .written)
        // It waits for the repair.
        await cache.close()
        #expect(plain.read(for: "key")?.hasSuffix(config(2)) == true)
    }

    @Test("a snapshot of a user is not changed by a new default user, a new config or the end of the client")
    func snapshots() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn)
        let flag = FeatureFlag("number", defaultValue: -1)
        let early = client.snapshot(for: ConfigCatUser(identifier: "1"))
        #expect(early.value(of: flag) == -1)
        await client.forceRefresh()
        let flags = client.snapshot(for: ConfigCatUser(identifier: "1"))
        client.setDefaultUser(user: ConfigCatUser(identifier: "2"))
        cdn.set(TestConfig.answer(2))
        await client.forceRefresh()
        let closed = client.snapshot(for: ConfigCatUser(identifier: "1"))
        await client.shutdown()
        for _ in 0..<2 {
            #expect(early.value(of: flag) == -1 && flags.value(of: flag) == 1 && closed.value(of: flag) == 2)
            #expect(await client.value(of: flag) == 2)
            #expect(client.snapshot(for: ConfigCatUser(identifier: "1")).value(of: flag) == 2)
            #expect(flags.getValueDetails(for: "number", defaultValue: 0).user?.identifier == "1")
        }
    }
}

private final class Switch: Sendable {
    let isOn = Atomic<Bool>(false)
}

private final class DepthCount: Sendable {
    let count = Atomic<Int>(0)
}

/// A store without capabilities, whose first write waits.
private final class SlowPlainCache: ConfigCache {
    private struct State {
        var value: String?
        var isOpen = false
        var hasBegun = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    var isWaiting: Bool { state.withLock { $0.waiting != nil } }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    func read(for key: String) -> String? { state.withLock(\.value) }

    func write(for key: String, value: String) async {
        let isFirst = state.withLock { state in
            defer { state.hasBegun = true }
            return !state.hasBegun
        }
        if isFirst {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiting = continuation }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }
        state.withLock { $0.value = value }
    }
}
