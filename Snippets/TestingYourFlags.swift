// The code of the guide Testing your flags, and of the documentation of the modules ConfigCatEvaluation and
// ConfigCatTesting.

import ConfigCat
import ConfigCatEvaluation

func price(of amount: Int, flags: ConfigCatClientSnapshot) -> Int {
    flags.getValue(for: "freeShipping", defaultValue: false) ? amount : amount + 5
}

func lookIntoConfig(_ document: String) throws {
    let config = try Config(json: document)
    for setting in config.settings {
        print(setting.key, setting.value?.description ?? "malformed", setting.targetingRules.count)
    }
}

extension FeatureFlag where Value == Bool {
    static let newCheckout = FeatureFlag("newCheckout", defaultValue: false)
}

struct Shop {
    let client: ConfigCatClient

    func checkout() async -> String {
        await client.value(of: .newCheckout) ? "new checkout" : "checkout"
    }
}

#if canImport(Testing) && canImport(XCTest) && os(Linux)
    // Elsewhere, only test targets find Swift Testing and XCTest.
    import ConfigCatTesting
    import Testing
    import XCTest

    @Test("shipping is free with the flag", arguments: [(true, 100), (false, 105)])
    func shipping(isFree: Bool, expected: Int) {
        let flags = ConfigCatClientSnapshot(config: Config(values: ["freeShipping": .bool(isFree)]))
        #expect(price(of: 100, flags: flags) == expected)
    }

    @Test("the page follows the flag")
    func page() async {
        let flags = TestFlags { $0[.newCheckout] = true }
        let shop = Shop(client: flags.client())
        #expect(await shop.checkout() == "new checkout")

        flags.set(.newCheckout, to: false)
        #expect(await shop.checkout() == "checkout")
    }

    @Test("staff is offered the vector search")
    func search() async throws {
        let flags = TestFlags()
        flags.set("searchEngine", to: "vector", where: .email(endsWith: "@example.com"), .not(.country(isOneOf: "DE")))
        let jane = ConfigCatUser(identifier: "jane", email: "jane@example.com", country: "HU")
        let details = await flags.client().getValueDetails(for: "searchEngine", defaultValue: "plain", user: jane)
        #expect(details.value == "vector")
        #expect(details.matchedTargetingRule?.position == 0)
    }

    enum App {
        static let shop = Shop(client: TestFlags.shared.client())
    }

    @Suite("Checkout", .flags { $0[.newCheckout] = true })
    struct CheckoutTests {
        @Test("shows the new page")
        func new() async {
            #expect(await App.shop.checkout() == "new checkout")
        }

        @Test("shows the old page", .flags { $0[.newCheckout] = false })
        func old() async {
            #expect(await App.shop.checkout() == "checkout")
        }

        @Test("shows a page either way", arguments: [true, false])
        func any(isNew: Bool) async {
            TestFlags.shared.set(.newCheckout, to: isNew)
            #expect(await App.shop.checkout().hasSuffix("checkout"))
        }
    }

    final class CheckoutXCTests: XCTestCase {
        func testNewCheckout() async throws {
            try await withFlags {
                $0[.newCheckout] = true
            } operation: {
                let page = await App.shop.checkout()
                XCTAssertEqual(page, "new checkout")
            }
        }
    }

    @Test("the checkout evaluates its flag once", .flags)
    func evaluations() async {
        let recorder = EvaluationRecorder(App.shop.client)
        _ = await App.shop.checkout()
        #expect(recorder.evaluations(of: .newCheckout).count == 1)
        #expect(recorder.evaluations.allSatisfy { $0.errorCode == .none || $0.errorCode == .settingKeyMissing })
    }

    @Test("without a config, the old page is shown", .flags { $0.isOutage = true })
    func outage() async {
        #expect(await App.shop.checkout() == "checkout")
    }

    @Test("the client recovers when the CDN does")
    func recovery() async throws {
        var values = TestFlagValues()
        values[.newCheckout] = true
        let cdn = try await ScriptedCDN(.response(status: 503), .drop, .config(values.json))
        let client = try ConfigCatClient.get(sdkKey: "configcat-proxy/recovery") { options in
            options.baseUrl = cdn.url
            options.pollingMode = .manualPoll
        }
        #expect(await !client.forceRefresh().success)
        #expect(await !client.forceRefresh().success)
        #expect(await client.forceRefresh().success)
        #expect(await client.value(of: .newCheckout))
        #expect(cdn.requests.count == 3)

        cdn.startOutage()
        #expect(await !client.forceRefresh().success)
        #expect(await client.value(of: .newCheckout))
        await client.shutdown()
        await cdn.shutdown()
    }

    @Test("staff gets the new checkout by the first rule")
    func staff() throws {
        let flags = ConfigCatClientSnapshot(config: try Config(contentsOfFile: "Examples/flags.json"))
        let jane = ConfigCatUser(identifier: "jane", email: "jane@example.com")
        let details = flags.getValueDetails(for: "newCheckout", defaultValue: false, user: jane)
        #expect(details.value)
        #expect(details.matchedTargetingRule?.position == 0)
    }
#endif
