// The code of the guide Testing your flags, and of the documentation of the module ConfigCatEvaluation.

import ConfigCat
import ConfigCatEvaluation
import Foundation

func price(of amount: Int, flags: ConfigCatClientSnapshot) -> Int {
    flags.getValue(for: "freeShipping", defaultValue: false) ? amount : amount + 5
}

func withFlags(_ values: [String: Any], _ body: (ConfigCatClient) async throws -> Void) async throws {
    let client = try ConfigCatClient.get(sdkKey: "test-\(UUID().uuidString)") { options in
        options.flagOverrides = LocalDictionaryDataSource(source: values, behaviour: .localOnly)
    }
    do {
        try await body(client)
    } catch {
        await client.shutdown()
        throw error
    }
    await client.shutdown()
}

func lookIntoConfig(_ document: String) throws {
    let config = try Config(json: document)
    for setting in config.settings {
        print(setting.key, setting.value?.description ?? "malformed", setting.targetingRules.count)
    }
}

#if canImport(Testing) && os(Linux)
    // Elsewhere, only test targets find Swift Testing.
    import Testing

    @Test("shipping is free with the flag", arguments: [(true, 100), (false, 105)])
    func shipping(isFree: Bool, expected: Int) {
        let flags = ConfigCatClientSnapshot(config: Config(values: ["freeShipping": .bool(isFree)]))
        #expect(price(of: 100, flags: flags) == expected)
    }

    @Test("the new checkout is shown")
    func checkout() async throws {
        try await withFlags(["newCheckout": true]) { client in
            #expect(await client.getValue(for: "newCheckout", defaultValue: false))
        }
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
