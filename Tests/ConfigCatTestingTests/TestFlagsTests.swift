import ConfigCat
import ConfigCatEvaluation
import ConfigCatTestSupport
import ConfigCatTesting
import Foundation
import Logging
import Synchronization
import Testing

@Suite("Test flags")
struct TestFlagsTests {
    @Test("a change is seen by every kind of evaluation when the call returns")
    func live() async {
        let flags = TestFlags()
        let client = flags.client()
        for value in [true, false, true] {
            flags.set(.newCheckout, to: value)
            #expect(await client.value(of: .newCheckout) == value)
            #expect(await client.getValue(for: "newCheckout", defaultValue: !value) == value)
            #expect(await client.getValueDetails(for: "newCheckout", defaultValue: !value).value == value)
            #expect(await client.getAnyValue(for: "newCheckout", defaultValue: nil) as? Bool == value)
            #expect(await client.getAllValues()["newCheckout"] as? Bool == value)
            #expect(await client.getAllKeys() == ["newCheckout"])
            #expect(client.snapshot().value(of: .newCheckout) == value)
            #expect(client.snapshot(for: jane).value(of: .newCheckout) == value)
        }
    }

    @Test("a snapshot that was taken before a change stays as it is")
    func snapshots() {
        let flags = TestFlags { $0[.newCheckout] = true }
        let client = flags.client()
        let snapshot = client.snapshot()
        flags.set(.newCheckout, to: false)
        #expect(snapshot.value(of: .newCheckout))
        #expect(!client.snapshot().value(of: .newCheckout))
    }

    @Test("all clients of the flags follow them, those of shared options too")
    func clients() async throws {
        let flags = TestFlags()
        var options = ConfigCatOptions()
        options.flagOverrides = flags
        let clients = try [
            flags.client(), flags.client(),
            ConfigCatClient.get(sdkKey: "test-flags-\(UUID().uuidString)", options: options),
            ConfigCatClient.get(sdkKey: "test-flags-\(UUID().uuidString)", options: options),
        ]
        flags.set(.limit, to: 5)
        for client in clients {
            #expect(await client.value(of: .limit) == 5)
            await client.shutdown()
        }
        flags.set(.limit, to: 6)
        for client in clients { #expect(await client.value(of: .limit) == 5, "a closed client keeps its values") }
    }

    @Test("values of each type can be set, read and removed by key")
    func types() async {
        let flags = TestFlags()
        let client = flags.client()
        flags.set("bool", to: true)
        flags.set("string", to: "\"\\\u{0}\n😀")
        flags.set("int", to: Int.min)
        flags.set("double", to: 0.1)
        flags.set("value", to: SettingValue.int(Int.max))
        #expect(await client.getValue(for: "bool", defaultValue: false))
        #expect(await client.getValue(for: "string", defaultValue: "") == "\"\\\u{0}\n😀")
        #expect(await client.getValue(for: "int", defaultValue: 0) == Int.min)
        #expect(await client.getValue(for: "double", defaultValue: 0 as Double) == 0.1)
        #expect(await client.getValue(for: "value", defaultValue: 0) == Int.max)
        #expect(flags.values["int"] == Int.min && flags.values["int"] == String?.none)
        #expect(flags.values["value"] == SettingValue.int(Int.max) && flags.values["absent"] == Bool?.none)
        flags.remove("bool")
        let details = await client.getValueDetails(for: "bool", defaultValue: true)
        #expect(details.value && details.errorCode == .settingKeyMissing)
        #expect(flags.values.keys == ["string", "int", "double", "value"])
    }

    @Test("keys of any form are kept apart as bytes")
    func keys() async {
        let flags = TestFlags()
        let client = flags.client()
        let keys = ["\u{E9}", "e\u{301}", "", "a\"b", "\u{0}", "f"]
        for (index, key) in keys.enumerated() { flags.set(key, to: index) }
        for (index, key) in keys.enumerated() { #expect(await client.getValue(for: key, defaultValue: -1) == index) }
        #expect(flags.values.keys.map { Array($0.utf8) } == keys.map { Array($0.utf8) })
    }

    @Test("a value that no setting can have is an issue, and changes nothing", arguments: [Double.nan, .infinity])
    func impossibleValues(_ value: Double) async throws {
        let flags = TestFlags { $0["number"] = 1.5 }
        let client = flags.client()
        try withKnownIssue {
            flags.set("number", to: value)
            flags.set("number", to: 1.0, where: .custom("Age", lessThan: value))
            flags.set("number", to: 1.0, where: .email(isOneOf: "a"), otherwise: value)
            try flags.set("number", percentages: [(100, value)])
        } matching: {
            $0.comments.contains { $0.rawValue.contains("'number' is ignored") }
        }
        #expect(await client.getValue(for: "number", defaultValue: 0 as Double) == 1.5)
    }

    @Test("all Boolean flags can be set at once; other settings stay")
    func allOnOff() async {
        let flags = TestFlags {
            $0[.newCheckout] = false
            $0[.limit] = 5
            $0.set("staff", to: true, where: .email(endsWith: "@example.com"))
        }
        let client = flags.client()
        flags.setAll(to: true)
        #expect(await client.getValue(for: "staff", defaultValue: false))
        #expect(await client.value(of: .newCheckout))
        #expect(await client.value(of: .limit) == 5)
        flags.setAll(to: false)
        #expect(await !client.getValue(for: "staff", defaultValue: true, user: jane))
        flags.setAll([.newCheckout, .freeShipping], to: true)
        #expect(await client.value(of: .newCheckout))
        #expect(await client.value(of: .freeShipping))
    }

    @Test("resetting returns to the first values")
    func reset() async {
        let flags = TestFlags { $0[.limit] = 1 }
        let client = flags.client()
        flags.set(.limit, to: 2)
        flags.set(.newCheckout, to: true)
        flags.startOutage()
        flags.reset()
        #expect(await client.value(of: .limit) == 1)
        #expect(await client.getAllKeys() == ["limit"])
    }

    @Test("in an outage, defaults are returned with the error of a missing config, and afterwards the values again")
    func outage() async {
        let flags = TestFlags { $0[.limit] = 1 }
        let recorder = LogRecorder()
        let client = flags.client { $0.logger = recorder.logger(.warning) }
        let before = client.snapshot()
        flags.startOutage()
        let details = await client.getValueDetails(for: "limit", defaultValue: 7)
        #expect(details.value == 7 && details.isDefaultValue && details.errorCode == .configJsonNotAvailable)
        #expect(await client.value(of: .limit) == 10)
        #expect(await client.getAllKeys().isEmpty)
        #expect(client.snapshot().cacheState == .noFlagData)
        #expect(await client.waitForReady() == .noFlagData)
        #expect(recorder.ids.contains(1000))
        #expect(before.value(of: .limit) == 1)
        flags.set(.limit, to: 2)
        #expect(await client.value(of: .limit) == 10)
        flags.endOutage()
        #expect(await client.value(of: .limit) == 2)
        #expect(client.snapshot().cacheState == .hasLocalOverrideFlagDataOnly)
    }

    @Test("hooks and configChanges follow each change once, and see one update as one change")
    func changes() async throws {
        let flags = TestFlags { $0[.limit] = 1 }
        let client = flags.client()
        let changed = Mutex<[Int]>([])
        client.hooks.addOnConfigChanged { config in
            let value = config["limit"]?.value
            changed.withLock { $0.append(value == .int(2) ? 2 : value == .int(3) ? 3 : 0) }
        }
        let stream = client.configChanges
        flags.set(.limit, to: 2)
        flags.set(.limit, to: 2)
        flags.update {
            $0[.limit] = 3
            $0[.newCheckout] = true
        }
        var iterator = stream.makeAsyncIterator()
        let first = try #require(await iterator.next())
        #expect(first.changedKeys == ["limit"] && first.source == .override)
        let second = try #require(await iterator.next())
        #expect(second.changedKeys == ["limit", "newCheckout"])
        await client.shutdown()
        #expect(await iterator.next() == nil)
        #expect(changed.withLock { $0 } == [2, 3])
    }

    @Test("an update that throws changes nothing")
    func throwingUpdate() {
        let flags = TestFlags { $0[.limit] = 1 }
        #expect(throws: CancellationError.self) {
            try flags.update {
                $0[.limit] = 2
                throw CancellationError()
            }
        }
        #expect(flags.values[.limit] == 1)
    }

    @Test("changes by many tasks are all kept, and each is seen by the task that made it")
    func manyTasks() async {
        let flags = TestFlags()
        let client = flags.client()
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<200 {
                group.addTask {
                    flags.set("flag\(index)", to: index)
                    return await client.getValue(for: "flag\(index)", defaultValue: -1) == index
                        && client.snapshot().getValue(for: "flag\(index)", defaultValue: -1) == index
                }
            }
            for await isSeen in group { #expect(isSeen) }
        }
        #expect(await client.getAllKeys().count == 200)
    }

    @Test("a closure that changes the flags may use them")
    func reentrancy() {
        let flags = TestFlags()
        flags.update {
            flags.set(.limit, to: 1)
            $0[.newCheckout] = flags.values[.limit] == 1
        }
        #expect(flags.values[.newCheckout] == true && flags.values[.limit] == 1)
    }

    @Test("a closure that changes the flags each time ends")
    func endlessReentrancy() {
        let flags = TestFlags()
        var count = 0
        flags.update {
            count += 1
            flags.set(.limit, to: count)
            $0[.newCheckout] = true
        }
        #expect(flags.values[.newCheckout] == true)
    }

    @Test("the flags do not keep a client alive")
    func release() {
        let flags = TestFlags()
        weak var released: ConfigCatClient?
        do {
            let client = flags.client()
            released = client
            #expect(released != nil)
        }
        #expect(released == nil)
        flags.set(.limit, to: 3)
        #expect(flags.client().snapshot().value(of: .limit) == 3)
    }

    @Test("the options of a client of test flags are used")
    func options() async {
        let flags = TestFlags { $0.set(.limit, to: 5, where: .identifier(isOneOf: "jane")) }
        let client = flags.client { $0.defaultUser = jane }
        #expect(await client.value(of: .limit) == 5)
        client.clearDefaultUser()
        #expect(await client.value(of: .limit) == 10)
        #expect(client.isOffline)
        #expect(await client.forceRefresh().errorCode == .localOnlyClient)
    }
}
