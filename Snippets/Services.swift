// The code of the guide Services.

import ConfigCat
import ConfigCatSQLiteCache
import Foundation
import Logging

#if ServiceLifecycle
    import ServiceLifecycle
    import UnixSignals
#endif

/// Keeps the compiler from warning of what an example does not use.
func use(_ values: Any...) {}

#if ServiceLifecycle
    func runServices(sdkKey: String, server: any Service, logger: Logger) async throws {
        let cache = try SQLiteConfigCache(path: "/var/lib/flags.db")
        let client = try ConfigCatClient.get(sdkKey: sdkKey) { $0.configCache = cache }

        var configuration = ServiceGroupConfiguration(
            services: [.init(service: client), .init(service: server)],
            gracefulShutdownSignals: [.sigterm], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(30)
        try await ServiceGroup(configuration: configuration).run()
        await cache.close()
    }

    func startUp(_ client: ConfigCatClient, _ logger: Logger) async {
        let state = await cancelWhenGracefulShutdown { await client.waitForReady() }
        if state == .noFlagData { logger.warning("No config yet: evaluations return default values.") }
    }
#endif

struct Account: Encodable {
    var id: UUID
    var email: String
    var plan: String
    var groups: [String]
}

func userOfRequest(_ account: Account, _ client: ConfigCatClient) throws {
    let user = try ConfigCatUser(encoding: account)
    let flags = client.snapshot(for: user)
    let isEnabled = flags.getValue(for: "newCheckout", defaultValue: false)
    use(isEnabled)
}

func userOfClaims(_ claims: [String: any Sendable]) throws {
    let user = try ConfigCatUser(attributes: claims, identifier: "435170f4")
    use(user)
}
