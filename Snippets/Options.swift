// The code of the guides Polling, Overrides and offline, Hooks and changes, The network, and Operating.

import AsyncHTTPClient
import ConfigCat
import Logging

/// Keeps the compiler from warning of what an example does not use.
func use(_ values: Any...) {}

// MARK: - Polling

func pollingModes(_ options: inout ConfigCatOptions) {
    options.pollingMode = .autoPoll(interval: .seconds(30), maxInitWait: .seconds(5))

    options.pollingMode = .lazyLoad(refreshInterval: .seconds(60))

    options.pollingMode = .manualPoll
}

func refresh(_ client: ConfigCatClient) async {
    let result = await client.forceRefresh()
    if !result.success { print(result.errorCode, result.error ?? "") }
}

// MARK: - Overrides and offline

func overrides(_ options: inout ConfigCatOptions) {
    options.flagOverrides = LocalDictionaryDataSource(
        source: ["newCheckout": true, "maxUploadMegabytes": 5], behaviour: .localOverRemote)

    options.flagOverrides = LocalFileDataSource(path: "flags.json", behaviour: .localOnly)

    options.offline = true
}

func offline(_ client: ConfigCatClient) {
    client.setOffline()
    client.setOnline()
    print(client.isOffline)
}

func configFiles(_ user: ConfigCatUser) throws {
    let config = try Config(contentsOfFile: "Examples/flags.json")
    let flags = ConfigCatClientSnapshot(config: config)
    let isEnabled = flags.getValue(for: "newCheckout", defaultValue: false, user: user)
    use(isEnabled)
}

// MARK: - Hooks and changes

/// An analytics service.
struct Analytics: Sendable {
    func send(_ key: String, _ variationID: String?) {}
}

func hooks(_ client: ConfigCatClient) {
    client.hooks.addOnReady { state in print("ready: \(state)") }
    client.hooks.addOnConfigChanged { config in print("\(config.keys.count) settings") }
    client.hooks.addOnFlagEvaluated { details in print(details.key, details.value) }
    client.hooks.addOnError { message, cause in print(message) }
}

func hooksOfOptions(_ options: inout ConfigCatOptions) {
    options.hooks.addOnReady { state in print("ready: \(state)") }
}

func snapshotsInHooks(_ client: ConfigCatClient) {
    client.hooks.addOnConfigChanged(snapshotHandler: { config, snapshot in
        print(snapshot.getValue(for: "newCheckout", defaultValue: false))
    })
}

func subscriptions(_ client: ConfigCatClient, _ analytics: Analytics) {
    let subscription = client.hooks.addOnFlagEvaluated { details in analytics.send(details.key, details.variationId) }
    client.hooks.remove(subscription)
}

func changes(_ client: ConfigCatClient) async {
    for await change in client.configChanges {
        print(change.source, change.changedKeys)
    }
}

// MARK: - The network

func network(_ options: inout ConfigCatOptions, _ password: String) {
    options.http.connectTimeout = .seconds(5)
    options.http.readTimeout = .seconds(10)
    options.http.proxy = ProxyOptions(host: "proxy.internal", port: 3128, username: "user", password: password)
    options.http.caCertificateFile = "/etc/ssl/internal-ca.pem"
}

func ownHTTPClient(_ options: inout ConfigCatOptions) {
    options.http.client = HTTPClient.shared
}

// MARK: - Operating

func logging(_ options: inout ConfigCatOptions) {
    options.logger = Logger(label: "flags")
    options.logLevel = .warning
}
