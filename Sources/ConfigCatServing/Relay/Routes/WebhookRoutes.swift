import HTTPTypes
import Hummingbird
import Logging
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Receives ConfigCat's webhooks, and refreshes the config. Webhooks can be sent with POST or GET.
struct WebhookRoutes {
    let relay: Relay

    func add(to router: Router<ServingContext>) {
        router.post("/hook/{id}", use: relay.handler(.webhook, receive))
        router.get("/hook/{id}", use: relay.handler(.webhook, receive))
    }

    @Sendable private func receive(_ request: Request, _ context: ServingContext) async throws -> Response {
        let config = try relay.config(context)
        // Anybody could send webhooks that are not signed.
        let keys = relay.webhookKeys(config.id).filter { !$0.isEmpty }
        guard !keys.isEmpty else {
            throw HTTPFailure(
                .forbidden, "webhooks of this config are refused, because no signing key is configured for it")
        }
        let state = relay.state(of: config)
        let signature: WebhookSignature
        do {
            signature = try WebhookSignature(
                id: request.headers[Self.idHeader], timestamp: request.headers[Self.timestampHeader],
                signatures: request.headers[Self.signatureHeader])
            let body = try await Relay.body(request, context)
            let now = Int64(Date().timeIntervalSince1970)
            try signature.check(body: body.readableBytesView, keys: keys, now: now)
            try state.replays.withLock { replays throws(WebhookSignature.Refusal) in
                try replays.accept(signature, now: now)
            }
        } catch let refusal as WebhookSignature.Refusal {
            relay.logger.debug("A webhook was refused: \(refusal.message)", metadata: ["config": "\(config.id)"])
            throw HTTPFailure(refusal.status, refusal.message)
        }
        let result = await state.refresher.refresh()
        if let error = result.error {
            // ConfigCat sends a webhook again that was not answered with success.
            state.replays.withLock { $0.forget(signature) }
            relay.logger.warning("A webhook's refresh failed: \(error)", metadata: ["config": "\(config.id)"])
            throw HTTPFailure(.badGateway, "the webhook is valid, but the config could not be refreshed")
        }
        relay.logger.info("A webhook has refreshed the config.", metadata: ["config": "\(config.id)"])
        return .json("{\"success\":true}")
    }

    private static let idHeader = named(WebhookSignature.idHeader)
    private static let timestampHeader = named(WebhookSignature.timestampHeader)
    private static let signatureHeader = named(WebhookSignature.signatureHeader)
}

extension WebhookSignature.Refusal {
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .missingHeader, .idTooLong, .invalidTimestamp: .badRequest
        case .outsideValidity, .wrongSignature: .forbidden
        case .replayed: .conflict
        case .tooManyWebhooks: .tooManyRequests
        }
    }
}
