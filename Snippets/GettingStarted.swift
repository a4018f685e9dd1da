// The code of the guides Getting started and Migrating, and of the documentation of the module ConfigCat.

import ConfigCat

/// Keeps the compiler from warning of what an example does not use.
func use(_ values: Any...) {}

func landingPage() async throws {
    let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/…/…")

    let user = ConfigCatUser(identifier: "435170f4", email: "jane@example.com", custom: ["Plan": "Pro"])
    if await client.getValue(for: "newCheckout", defaultValue: false, user: user) {
        print("Jane gets the new checkout.")
    }

    await client.shutdown()
}

func options() throws {
    let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/…/…") { options in
        options.pollingMode = .autoPoll(interval: .seconds(30))
        options.dataGovernance = .euOnly
        options.defaultUser = ConfigCatUser(identifier: "the-batch-job")
        options.http.readTimeout = .seconds(10)
    }
    use(client)
}

func evaluate(_ client: ConfigCatClient, _ user: ConfigCatUser) async {
    let isNew = await client.getValue(for: "newCheckout", defaultValue: false, user: user)
    let limit = await client.getValue(for: "maxUploadMegabytes", defaultValue: 25, user: user)
    let rate = await client.getValue(for: "discountRate", defaultValue: 0.5, user: user)
    let engine: String? = await client.getValue(for: "searchEngine", defaultValue: nil, user: user)
    use(isNew, limit, rate, engine as Any)
}

func typedFlags(_ client: ConfigCatClient, _ user: ConfigCatUser) async {
    use(await client.value(of: .newCheckout, user: user))
}

func snapshot(_ client: ConfigCatClient, _ user: ConfigCatUser) {
    let flags = client.snapshot(for: user)
    let limit = flags.getValue(for: "maxUploadMegabytes", defaultValue: 25)
    let isEnabled = flags.value(of: .newCheckout)
    use(limit, isEnabled)
}

func withoutAccount() throws {
    let sdkKey = "configcat-sdk-1/LIVE_FLAGS_EXAMPLE_001/LIVE_FLAGS_EXAMPLE_001"
    let client = try ConfigCatClient.get(sdkKey: sdkKey) { options in
        options.baseUrl = "http://127.0.0.1:8080"
        options.pollingMode = .autoPoll(interval: .seconds(1))
    }
    use(client)
}

// MARK: - Migrating

func appleSDK(_ sdkKey: String, _ user: ConfigCatUser) async throws {
    let client = try ConfigCatClient.get(sdkKey: sdkKey) { options in
        options.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: 30, maxInitWaitTimeInSeconds: 5)
    }
    let isEnabled = await client.getValue(for: "newCheckout", defaultValue: false, user: user)
    use(isEnabled)
}

// MARK: - Typed flags, at the top level of a file

let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/…/…")
let user = ConfigCatUser(identifier: "435170f4")

extension FeatureFlag where Value == Bool {
    static let newCheckout = FeatureFlag("newCheckout", defaultValue: false)
}

let isEnabled = await client.value(of: .newCheckout, user: user)
