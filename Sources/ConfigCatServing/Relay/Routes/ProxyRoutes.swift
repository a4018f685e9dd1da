import ConfigCat
import ConfigCatCache
import ConfigCatEvaluation
import HTTPTypes
import Hummingbird
import NIOCore

/// The evaluation API and the streams of ConfigCat's Proxy.
struct ProxyRoutes {
    let relay: Relay

    func add(to router: Router<ServingContext>, access: AccessControl) {
        router.post("/api/{id}/eval", use: relay.handler(.eval, eval))
        router.post("/api/{id}/eval-all", use: relay.handler(.evalAll, evalAll))
        router.get("/api/{id}/keys", use: relay.handler(.keys, keys))
        router.group().add(middleware: TokenGuard(access: access))
            .post("/api/{id}/refresh", use: relay.handler(.refresh, refresh))
        router.get("/sse/{id}/eval/{data}", use: relay.handler(.stream, streamOne))
        router.get("/sse/{id}/eval-all", use: relay.handler(.stream, streamAll))
        router.get("/sse/{id}/eval-all/{data}", use: relay.handler(.stream, streamAll))
        for path in [
            "/api/{id}/eval", "/api/{id}/eval-all", "/api/{id}/keys", "/api/{id}/refresh", "/sse/{id}/eval/{data}",
            "/sse/{id}/eval-all", "/sse/{id}/eval-all/{data}",
        ] {
            router.on(RouterPath(path), method: .options, use: CORS.preflight)
        }
    }

    // MARK: - Evaluation

    @Sendable private func eval(_ request: Request, _ context: ServingContext) async throws -> Response {
        let config = try relay.config(context)
        let wanted = try await Self.request(request, context)
        let answer = EvaluationAnswer(key: try Self.key(of: wanted), user: wanted.user)
        return .sharedJSON(try answer.json(config.requiredDocument()))
    }

    @Sendable private func evalAll(_ request: Request, _ context: ServingContext) async throws -> Response {
        let config = try relay.config(context)
        let wanted = try await Self.request(request, context)
        let answer = EvaluationAnswer(key: nil, user: wanted.user)
        return .sharedJSON(try answer.json(config.requiredDocument()))
    }

    @Sendable private func keys(_ request: Request, _ context: ServingContext) throws -> Response {
        .sharedJSON(ProxyAnswer.json(keys: try relay.config(context).requiredDocument().snapshot.getAllKeys()))
    }

    @Sendable private func refresh(_ request: Request, _ context: ServingContext) async throws -> Response {
        let config = try relay.config(context)
        if let error = await relay.state(of: config).refresher.refresh().error {
            throw HTTPFailure(.internalServerError, "the config could not be refreshed: \(error)")
        }
        return Response(status: .ok, headers: CORS.headers)
    }

    private static func request(_ request: Request, _ context: ServingContext) async throws -> ProxyRequest {
        let body = try await Relay.body(request, context)
        do throws(InvalidRequest) {
            return try ProxyRequest(json: Array(body.readableBytesView))
        } catch {
            throw HTTPFailure(error)
        }
    }

    private static func key(of request: ProxyRequest) throws(HTTPFailure) -> String {
        guard let key = request.key else { throw HTTPFailure(.badRequest, "\"key\" is missing") }
        return key
    }

    // MARK: - Streams

    @Sendable private func streamOne(_ request: Request, _ context: ServingContext) throws -> Response {
        let config = try relay.config(context)
        let wanted = try Self.data(context)
        return try stream(request, config, EvaluationAnswer(key: try Self.key(of: wanted), user: wanted.user))
    }

    @Sendable private func streamAll(_ request: Request, _ context: ServingContext) throws -> Response {
        let config = try relay.config(context)
        return try stream(request, config, EvaluationAnswer(key: nil, user: try Self.data(context).user))
    }

    private func stream(_ request: Request, _ config: ServedConfig, _ answer: EvaluationAnswer) throws -> Response {
        let events = AnswerStream(id: config.id, configs: relay.configs, answer: answer)
        // A request for a setting that does not exist is refused, as by ConfigCat's Proxy.
        _ = try answer.json(config.requiredDocument())
        return try relay.streams.response(of: events, to: request, headers: CORS.headers)
    }

    /// Returns the request in the path.
    private static func data(_ context: ServingContext) throws(HTTPFailure) -> ProxyRequest {
        guard let data = context.parameters.get("data") else { return ProxyRequest() }
        guard let text = PercentEncoding.decoded(data[...]) else {
            throw HTTPFailure(.badRequest, "the data in the path is not percent-encoded correctly")
        }
        do throws(InvalidRequest) {
            return try ProxyRequest(base64: text)
        } catch {
            throw HTTPFailure(error)
        }
    }
}

/// What is evaluated for one request or stream.
struct EvaluationAnswer: Sendable {
    /// The setting's key; nil for all settings.
    let key: String?
    let user: ConfigCatUser?

    /// Returns the answer as JSON.
    ///
    /// - Throws: ``HTTPFailure`` if the setting does not exist or cannot be evaluated, with the statuses of ConfigCat's
    ///   Proxy. One that cannot be evaluated does not keep the others from being answered.
    func json(_ document: ServedDocument) throws(HTTPFailure) -> String {
        guard let key else { return ProxyAnswer.json(document.snapshot.getAllValueDetails(user: user)) }
        let details = document.snapshot.getValueDetails(for: key, defaultValue: "" as any Sendable, user: user)
        switch details.errorCode {
        case .none: return ProxyAnswer.json(details)
        case .settingKeyMissing: throw HTTPFailure(.badRequest, "there is no setting with the key \(key)")
        default: throw HTTPFailure(.internalServerError, details.error ?? "the setting cannot be evaluated")
        }
    }
}
