import ConfigCatEvaluation
import HTTPTypes
import Hummingbird
import NIOCore

/// The state of the server: `/status`, `/metrics`, `/livez` and `/readyz`. The last two, which Kubernetes asks, need no
/// token.
struct OperatorRoutes {
    let relay: Relay

    func add(to router: Router<ServingContext>, access: AccessControl) {
        router.get("/livez") { _, _ in Response.json("{\"status\":\"alive\"}") }
        router.get("/readyz", use: readiness)
        let operators = router.group().add(middleware: TokenGuard(access: access))
        operators.get("/status", use: status)
        if let metrics = relay.textMetrics {
            operators.get("/metrics") { [relay] _, _ in
                relay.metrics.set(streams: relay.streams.count)
                return Response(
                    status: .ok, headers: [.contentType: TextMetrics.contentType, .cacheControl: "no-store"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.text)))
            }
        }
    }

    private var health: HealthJSON {
        HealthJSON(
            entries: relay.configs.all.map { config in
                let document = config.document
                let source =
                    switch config.origin {
                    case .file: "file"
                    case .client: "sdk"
                    }
                return HealthJSON.Entry(
                    id: config.id, source: source, eTag: document?.eTag, version: document?.number ?? 0,
                    problem: config.problem, health: config.clientHealth)
            })
    }

    @Sendable private func status(_ request: Request, _ context: ServingContext) -> Response { .json(health.json) }

    @Sendable private func readiness(_ request: Request, _ context: ServingContext) -> Response {
        let health = health
        if health.isReady { return .json("{\"status\":\"ready\"}") }
        let waiting = health.entries.filter { $0.version == 0 }.map(\.id).joined(separator: ", ")
        return HTTPFailure(.serviceUnavailable, "no config has been loaded yet for: \(waiting)").response
    }
}
