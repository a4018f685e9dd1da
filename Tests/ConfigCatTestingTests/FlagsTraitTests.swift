import ConfigCat
import ConfigCatTesting
import Testing

@Suite("A test's own flags")
struct FlagsTraitTests {
    @Test("the trait sets a flag for the one client of the application", .flags { $0[.newCheckout] = true })
    func trait() async {
        #expect(await Shop.checkout() == "new")
        let client = Shop.client
        #expect(await client.getValue(for: "newCheckout", defaultValue: false))
        #expect(await client.getValueDetails(for: "newCheckout", defaultValue: false).errorCode == .none)
        #expect(await client.getAllValues()["newCheckout"] as? Bool == true)
        #expect(client.snapshot().value(of: .newCheckout))
        #expect(client.snapshot(for: jane).value(of: .newCheckout))
    }

    @Test("parallel cases of one test, and their child tasks, see their own flags only", .flags, arguments: 0..<40)
    func isolation(_ number: Int) async {
        TestFlags.shared.set(.limit, to: number)
        for _ in 0..<20 {
            #expect(await Shop.client.value(of: .limit) == number)
            await Task.yield()
            async let child = Shop.client.value(of: .limit)
            #expect(await child == number)
            let unstructured = await Task { await Shop.client.value(of: .limit) }.value
            #expect(unstructured == number)
        }
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 { group.addTask { Shop.client.snapshot().value(of: .limit) } }
            for await value in group { #expect(value == number) }
        }
    }

    @Test("a detached task evaluates the values that all tests share; a snapshot that it is given keeps the test's")
    func detached() async {
        await confirmation { confirmed in
            try? await withFlags {
                $0[.searchEngine] = "own"
            } operation: {
                let snapshot = Shop.client.snapshot()
                let values = await Task.detached {
                    (await Shop.client.value(of: .searchEngine), snapshot.value(of: .searchEngine))
                }.value
                #expect(values == ("shared", "own"))
                confirmed()
            }
        }
    }

    @Test("rules, percentages and outages are the test's own too", .flags, arguments: [true, false])
    func ownOutage(_ isOutage: Bool) async throws {
        let flags = TestFlags.shared
        flags.set(.limit, to: 4, where: .email(endsWith: "@example.com"))
        try flags.set(.newCheckout, percentages: [(100, true), (0, false)])
        if isOutage { flags.startOutage() }
        let client = Shop.client
        #expect(await client.value(of: .limit, user: jane) == (isOutage ? 10 : 4))
        #expect(await client.value(of: .newCheckout, user: jane) == !isOutage)
        #expect(client.snapshot().cacheState == (isOutage ? .noFlagData : .hasLocalOverrideFlagDataOnly))
        flags.reset()
        #expect(await client.value(of: .limit, user: jane) == 10)
        #expect(await client.value(of: .searchEngine) == "shared")
    }

    @Suite(
        "of a suite",
        .flags { values in
            values[.limit] = 1
            values[.newCheckout] = true
            values[.searchEngine] = "suite"
        })
    struct Outer {
        @Test("are those of the suite")
        func suite() async {
            #expect(await Shop.client.value(of: .limit) == 1)
            TestFlags.shared.set(.limit, to: 100)
            #expect(await Shop.client.value(of: .limit) == 100)
        }

        @Test("are those of the test where it sets some", .flags { $0[.limit] = 2 }, .flags { $0[.searchEngine] = "b" })
        func inner() async {
            #expect(await Shop.client.value(of: .limit) == 2)
            #expect(await Shop.client.value(of: .searchEngine) == "b")
            #expect(await Shop.checkout() == "new")
        }

        @Suite("inside another", .flags { $0[.searchEngine] = "inner" })
        struct Inner {
            @Test("merge the values of both", .flags { $0[.newCheckout] = nil })
            func merged() async throws {
                _ = Shop.client
                #expect(await Shop.client.value(of: .limit) == 1)
                #expect(await Shop.client.value(of: .searchEngine) == "inner")
                #expect(await Shop.checkout() == "old")
                try await withFlags {
                    $0[.limit] = 3
                } operation: {
                    #expect(await Shop.client.value(of: .limit) == 3)
                    #expect(await Shop.client.value(of: .searchEngine) == "inner")
                    TestFlags.shared.set(.searchEngine, to: "innermost")
                }
                #expect(await Shop.client.value(of: .limit) == 1)
                #expect(await Shop.client.value(of: .searchEngine) == "inner")
            }
        }
    }

    @Test("two sets of flags in one test are independent")
    func twoSets() async throws {
        let (first, second) = (TestFlags(), TestFlags())
        let (one, two) = (first.client(), second.client())
        try await withFlags(first) {
            $0[.limit] = 1
        } operation: {
            try await withFlags(second) {
                $0[.limit] = 2
            } operation: {
                #expect(await one.value(of: .limit) == 1)
                #expect(await two.value(of: .limit) == 2)
                first.set(.limit, to: 11)
                #expect(await one.value(of: .limit) == 11)
            }
        }
        #expect(await one.value(of: .limit) == 10)
        #expect(await two.value(of: .limit) == 10)
    }

    @Test("defaults that are set while a test runs reach it, except for what it has set itself")
    func lateDefaults() async throws {
        let flags = TestFlags()
        let client = flags.client()
        try await withFlags(flags) {
            $0[.limit] = 1
            $0.remove(.freeShipping)
        } operation: {
            try await withFlags(flags) {
                $0[.searchEngine] = "test"
            } operation: {
                flags.setDefaults {
                    $0[.limit] = 2
                    $0[.newCheckout] = true
                    $0[.freeShipping] = true
                    $0[.searchEngine] = "default"
                    $0.isOutage = true
                }
                #expect(client.snapshot().config == nil)
                flags.setDefaults { $0.isOutage = false }
                #expect(await client.value(of: .limit) == 1)
                #expect(await client.value(of: .searchEngine) == "test")
                #expect(await client.value(of: .newCheckout))
                #expect(await !client.value(of: .freeShipping))
                flags.reset()
                #expect(await client.value(of: .searchEngine) == "test")
                flags.remove(.searchEngine)
                #expect(await client.value(of: .searchEngine) == "plain")
                flags.startOutage()
                flags.setDefaults { $0[.limit] = 3 }
                #expect(client.snapshot().config == nil)
                flags.update { $0 = TestFlagValues() }
                #expect(await client.getAllKeys() == [])
                #expect(client.snapshot().config != nil)
            }
            #expect(await client.value(of: .limit) == 1)
            #expect(await client.value(of: .searchEngine) == "default")
        }
        #expect(await client.value(of: .limit) == 3)
    }

    @Test("a config that a test loads replaces the settings of all tests", .flags)
    func ownConfig() async throws {
        try TestFlags.shared.update { try $0.load(json: #"{"flags": {"limit": 5}}"#) }
        #expect(await Shop.client.getAllKeys() == ["limit"])
        #expect(await Shop.client.value(of: .limit) == 5)
    }

    @Test("parallel tests that set flags while the defaults change see their own")
    func parallelDefaults() async {
        let flags = TestFlags()
        let client = flags.client()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    try? await withFlags(flags) {
                        $0[.limit] = number
                    } operation: {
                        for round in 0..<20 {
                            flags.setDefaults { $0["default"] = number * 100 + round }
                            #expect(await client.value(of: .limit) == number)
                            flags.set("own", to: round)
                            #expect(await client.getValue(for: "own", defaultValue: -1) == round)
                        }
                    }
                }
            }
        }
        #expect(await client.getAllKeys() == ["default"])
    }

    @Test("a test's changes reach neither hooks nor the values of others")
    func hooks() async throws {
        let flags = TestFlags { $0[.limit] = 1 }
        let client = flags.client()
        let changes = client.configChanges
        try await withFlags(flags) {
            $0[.limit] = 2
        } operation: {
            flags.set(.limit, to: 3)
            #expect(await client.value(of: .limit) == 3)
        }
        #expect(await client.value(of: .limit) == 1)
        flags.set(.limit, to: 4)
        var iterator = changes.makeAsyncIterator()
        #expect(await iterator.next()?.config["limit"]?.value == .int(4))
    }

    @Test("a synchronous part of a test has flags of its own")
    func synchronous() throws {
        let result = try withFlags {
            $0[.newCheckout] = true
        } operation: {
            Shop.client.snapshot().value(of: .newCheckout)
        }
        #expect(result)
        #expect(!Shop.client.snapshot().value(of: .newCheckout))
    }

    @MainActor
    @Test("an operation stays on its actor")
    func actors() async throws {
        var count = 0
        try await withFlags {
            $0[.limit] = 1
        } operation: {
            MainActor.assertIsolated()
            count += await Shop.client.value(of: .limit)
        }
        #expect(count == 1)
    }

    // MARK: - Mistakes

    @Test("shared flags that are changed outside of a test's own are an issue that says what to do, and do not change")
    func outside() async {
        withKnownIssue {
            TestFlags.shared.set(.limit, to: 99)
        } matching: {
            $0.comments.contains { $0.rawValue.contains("Add the trait .flags") }
        }
        withKnownIssue { TestFlags.shared.reset() }
        #expect(await Shop.client.value(of: .limit) == 10)
    }

    @Test("flags that no client uses are an error of the function, and an issue of the trait")
    func noClient() async throws {
        let flags = TestFlags()
        let error = #expect(throws: TestFlagsError.self) { try withFlags(flags) {} }
        #expect(error?.code == .noClient && error?.message.contains("flagOverrides") == true)
        await #expect(throws: TestFlagsError.self) {
            try await withFlags(flags) { await Task.yield() }
        }
        let test = try #require(Test.current)
        try await withKnownIssue {
            try await FlagsTrait.flags(flags) { $0[.limit] = 1 }.provideScope(for: test, testCase: nil) {}
        } matching: {
            $0.comments.contains { $0.rawValue.contains("no client uses") }
        }
        _ = flags.client()
        try withFlags(flags) {}
    }

    @Test("an error of the trait's closure or of the operation is thrown")
    func errors() async throws {
        let test = try #require(Test.current)
        await #expect(throws: CancellationError.self) {
            try await FlagsTrait.flags { _ in throw CancellationError() }
                .provideScope(for: test, testCase: nil) { Issue.record("The test has run.") }
        }
        await #expect(throws: CancellationError.self) {
            try await withFlags(TestFlags()) {
                await Task.yield(); throw CancellationError()
            }
        }
    }
}
