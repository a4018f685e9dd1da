import ConfigCatEvaluation
import HTTPTypes
import Hummingbird
import Logging
import Metrics
import NIOCore
import Synchronization

/// What services in other languages ask a relay for: evaluation in the forms of ConfigCat's Proxy and of OFREP, ConfigCat's
/// webhooks, and the state of the server. Paths, bodies and codes are those of ConfigCat's Proxy
/// (https://configcat.com/docs/advanced/proxy/endpoints), except that errors are JSON.
final class Relay: Sendable {
    let configs: ServedConfigs
    let streams: ServerSentEvents
    /// Returns the keys of the webhooks of the config with an ID.
    let webhookKeys: @Sendable (String) -> [String]
    /// The metrics of the process; nil if they are not kept.
    let textMetrics: TextMetrics?
    let logger: Logger
    let metrics: RelayMetrics
    private let states = Mutex<[String: ConfigState]>([:])

    /// What the relay keeps for one config, also while the configs are read again.
    final class ConfigState: Sendable {
        let refresher: PacedRefresher<ServedConfig.SyncResult>
        let replays = Mutex(WebhookReplays())

        init(_ refresher: PacedRefresher<ServedConfig.SyncResult>) { self.refresher = refresher }
    }

    init(
        configs: ServedConfigs, streams: ServerSentEvents,
        webhookKeys: @escaping @Sendable (String) -> [String] = { _ in [] },
        textMetrics: TextMetrics? = nil, logger: Logger
    ) {
        self.configs = configs
        self.streams = streams
        self.webhookKeys = webhookKeys
        self.textMetrics = textMetrics
        self.logger = logger
        metrics = RelayMetrics(factory: textMetrics ?? MetricsSystem.factory)
    }

    /// Adds the routes.
    ///
    /// - Parameters:
    ///   - router: The router.
    ///   - access: The token that the endpoints for operators need.
    func add(to router: Router<ServingContext>, access: AccessControl) {
        ProxyRoutes(relay: self).add(to: router, access: access)
        OFREPRoutes(relay: self).add(to: router)
        WebhookRoutes(relay: self).add(to: router)
        OperatorRoutes(relay: self).add(to: router, access: access)
    }

    /// Returns a handler that records each response, and turns each failure into a response.
    func handler(
        _ endpoint: RelayMetrics.Endpoint,
        _ handle: @escaping @Sendable (Request, ServingContext) async throws -> Response
    ) -> @Sendable (Request, ServingContext) async throws -> Response {
        { [metrics] request, context in
            let start = ContinuousClock.now
            var response: Response
            do {
                response = try await handle(request, context)
            } catch let failure as HTTPFailure {
                response = failure.response
                for field in CORS.headers { response.headers[field.name] = field.value }
            }
            metrics.record(endpoint, response.status.code, ContinuousClock.now - start)
            return response
        }
    }

    // MARK: - Requests

    /// Returns the config whose ID is in the path.
    ///
    /// - Throws: ``HTTPFailure`` with status 404 if there is none.
    func config(_ context: ServingContext) throws(HTTPFailure) -> ServedConfig {
        guard let id = context.parameters.get("id"), let config = configs[id] else {
            throw HTTPFailure(.notFound, "there is no config with this ID")
        }
        return config
    }

    /// Returns the body of a request.
    ///
    /// - Throws: ``HTTPFailure`` with status 413 if it is too long.
    static func body(_ request: Request, _ context: ServingContext) async throws -> ByteBuffer {
        do {
            return try await request.body.collect(upTo: context.maxUploadSize)
        } catch is NIOTooManyBytesError {
            throw HTTPFailure(.contentTooLarge, "the body has more than \(context.maxUploadSize) bytes")
        }
    }

    /// Returns what the relay keeps for a config.
    func state(of config: ServedConfig) -> ConfigState {
        let id = config.id
        return states.withLock { states in
            if let known = states[id] { return known }
            let new = ConfigState(
                PacedRefresher { [configs] in
                    // The configs may have been read again meanwhile.
                    await configs[id]?.synchronize() ?? ServedConfig.SyncResult(error: "the config is no longer served")
                })
            states[id] = new
            return new
        }
    }
}

extension ServedConfig {
    /// Returns the version that is served.
    ///
    /// - Throws: ``HTTPFailure`` with status 503 while there is no data.
    func requiredDocument() throws(HTTPFailure) -> ServedDocument {
        guard let document else { throw HTTPFailure(.serviceUnavailable, "no config has been loaded yet") }
        return document
    }
}

extension HTTPFailure {
    init(_ error: InvalidRequest) { self.init(.badRequest, error.description) }
}

/// The headers with which browsers of all origins may evaluate, as with ConfigCat's Proxy. None of these endpoints looks at
/// cookies.
enum CORS {
    static let headers: HTTPFields = [
        .accessControlAllowOrigin: "*",
        .accessControlExposeHeaders: "Content-Length, Content-Encoding, Date, ETag",
    ]

    static let jsonHeaders: HTTPFields = {
        var headers = Self.headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        return headers
    }()

    /// Returns the response to a preflight request.
    @Sendable static func preflight(_ request: Request, _ context: ServingContext) -> Response {
        Response(status: .noContent, headers: preflightHeaders)
    }

    private static let preflightHeaders: HTTPFields = [
        .accessControlAllowOrigin: "*",
        .accessControlAllowMethods: "GET, POST, OPTIONS",
        // Those of ConfigCat's Proxy, and those by which providers of OFREP may authenticate to a proxy in front.
        .accessControlAllowHeaders:
            "Authorization, Cache-Control, Content-Type, If-None-Match, X-API-Key, X-ConfigCat-SdkId, X-ConfigCat-SdkKey",
        .accessControlMaxAge: "600",
    ]
}

extension Response {
    /// Returns a response with a JSON document for browsers of all origins.
    static func sharedJSON(_ json: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: CORS.jsonHeaders, body: ResponseBody(byteBuffer: ByteBuffer(string: json)))
    }
}
