import ConfigCat
import ConfigCatTesting

extension FeatureFlag where Value == Bool {
    static let newCheckout = FeatureFlag("newCheckout", defaultValue: false)
    static let freeShipping = FeatureFlag("freeShipping", defaultValue: false)
}

extension FeatureFlag where Value == String {
    static let searchEngine = FeatureFlag("searchEngine", defaultValue: "plain")
}

extension FeatureFlag where Value == Int {
    static let limit = FeatureFlag("limit", defaultValue: 10)
}

/// An application, which has one client for all tests.
enum Shop {
    static let client: ConfigCatClient = {
        TestFlags.shared.setDefaults { $0[.searchEngine] = "shared" }
        return TestFlags.shared.client()
    }()

    static func checkout() async -> String {
        await client.value(of: .newCheckout) ? "new" : "old"
    }
}

let jane = ConfigCatUser(identifier: "jane", email: "jane@example.com", country: "HU")
