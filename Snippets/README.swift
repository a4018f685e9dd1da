// The code of README.md.

import ConfigCat
import ConfigCatRedisCache
import ConfigCatSQLiteCache

// Once, when the server starts:
let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/…/…") { options in
    options.pollingMode = .autoPoll(interval: .seconds(30))
}

// For each request:
let user = ConfigCatUser(identifier: "435170f4", email: "jane@example.com", custom: ["Plan": "Pro", "Orders": 31])
if await client.getValue(for: "newCheckout", defaultValue: false, user: user) {
    print("Jane gets the new checkout.")
}

// Once, when the server ends:
await client.shutdown()

extension FeatureFlag where Value == Bool {
    static let newCheckout = FeatureFlag("newCheckout", defaultValue: false)
}

let isEnabled = await client.value(of: .newCheckout, user: user)

let flags = client.snapshot(for: user)
let limit = flags.getValue(for: "maxUploadMegabytes", defaultValue: 25)

func useCache(_ options: inout ConfigCatOptions) throws {
    options.configCache = try .redis("redis://127.0.0.1:6379")
    // or, for the processes of one machine:
    options.configCache = try .sqlite(path: "/var/lib/app/flags.db")
}
