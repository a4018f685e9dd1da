// The code of the guide Users and targeting.

import ConfigCat
import Foundation

/// Keeps the compiler from warning of what an example does not use.
func use(_ values: Any...) {}

func userObject() {
    let user = ConfigCatUser(
        identifier: "435170f4", email: "jane@example.com", country: "HU",
        custom: ["Plan": "Pro", "Orders": 31, "Rating": 4.5, "Groups": ["beta", "staff"]])
    use(user)
}

func attributesOfAnyType() {
    let attributes: [String: Any] = ["Plan": "Pro", "RegisteredAt": Date()]
    let user = ConfigCatUser(identifier: "435170f4", custom: attributes)
    use(user)
}

func attributesOfPython(_ date: Date) {
    use(ConfigCatUser(identifier: "", custom: ["Rating": 4.5, "RegisteredAt": .date(date), "Roles": ["Role1"]]))
}

func details(_ client: ConfigCatClient, _ user: ConfigCatUser) async {
    let details = await client.getValueDetails(for: "newCheckout", defaultValue: false, user: user)
    print(details.value)
    if let rule = details.matchedTargetingRule { print("rule \(rule.position + 1)") }
    if let option = details.matchedPercentageOption { print("option \(option.position + 1): \(option.percentage)%") }
    print(details.variationId ?? "no variation ID")
    if details.isDefaultValue { print(details.errorCode, details.error ?? "") }
}

func defaultUser(_ client: ConfigCatClient) {
    client.setDefaultUser(user: ConfigCatUser(identifier: "the-batch-job"))
    client.clearDefaultUser()
}

func allSettings(_ client: ConfigCatClient, _ user: ConfigCatUser) async {
    let keys = await client.getAllKeys()
    let values = await client.getAllValues(user: user)
    let allDetails = await client.getAllValueDetails(user: user)
    let setting = await client.getKeyAndValue(for: "checkout-staff")
    use(keys, values, allDetails, setting as Any)
}

func variationIDs(_ client: ConfigCatClient, _ user: ConfigCatUser) async {
    use(await client.getValueDetails(for: "key", defaultValue: nil as Any?, user: user).variationId as Any)
    use(await client.getAllValueDetails(user: user).compactMap(\.variationId))
}
