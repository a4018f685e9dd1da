import ConfigCat
import Hummingbird
import Logging
import Metrics

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Shop {
    /// A price after the discount that the flags grant.
    struct Offer: ResponseEncodable {
        let products: [Catalogue.Product]
        /// The discount, from 0 to 1.
        let discount: Double
        let checkout: String
    }

    /// The state of the client, for load balancers and people.
    struct Health: ResponseEncodable {
        let isReady: Bool
        let configAge: Double?
        let lastSync: String?
        let failures: Int
        let isCacheWorking: Bool?
    }

    static func router(client: ConfigCatClient, metrics: TextMetrics) -> Router<ShopContext> {
        let router = Router(context: ShopContext.self)
        router.addMiddleware {
            MetricsMiddleware()
            LogRequestsMiddleware(.debug)
            FlagsMiddleware(client: client)
        }
        let worker = String(ProcessInfo.processInfo.processIdentifier)

        router.get("/") { _, context in
            let flags = context.flags
            let offer = Offer(
                products: Catalogue.search(with: flags.value(of: .searchEngine)),
                discount: flags.value(of: .discountRate),
                checkout: flags.value(of: .newCheckout) ? "new" : "old")
            return EditedResponse(headers: [.worker: worker], response: offer)
        }
        // The same work without flags, to compare with.
        router.get("/plain") { _, _ in
            EditedResponse(
                headers: [.worker: worker],
                response: Offer(products: Catalogue.search(with: "classic"), discount: 0, checkout: "old"))
        }
        router.get("/health") { _, _ in
            let health = client.health
            let isHealthy = health.isReady && !health.isStale(after: .seconds(600))
            return EditedResponse(
                status: isHealthy ? .ok : .serviceUnavailable,
                response: Health(
                    isReady: health.isReady,
                    configAge: health.configAge.map { $0 / .seconds(1) },
                    lastSync: health.lastSync?.source.rawValue,
                    failures: health.consecutiveFailures,
                    isCacheWorking: health.cache?.isWorking))
        }
        router.get("/metrics") { _, _ in metrics.text }
        return router
    }
}
