import ConfigCat
import ConfigCatCache
import ConfigCatEvaluation
import ConfigCatOpenFeature
import HTTPTypes
import Hummingbird
import NIOCore

/// The OpenFeature Remote Evaluation Protocol 0.3:
/// https://github.com/open-feature/protocol/blob/main/service/openapi.yaml
///
/// The header `X-ConfigCat-SdkId` chooses the config by its ID, or `X-ConfigCat-SdkKey` by its SDK key, as with ConfigCat's
/// Proxy. It is not needed if there is only one config.
struct OFREPRoutes {
    let relay: Relay

    func add(to router: Router<ServingContext>) {
        // The key may contain slashes, which not all providers encode.
        router.post("/ofrep/v1/evaluate/flags/**", use: relay.handler(.ofrep, evaluate))
        router.post("/ofrep/v1/evaluate/flags", use: relay.handler(.ofrepBulk, evaluateAll))
        router.on("/ofrep/v1/evaluate/flags/**", method: .options, use: CORS.preflight)
        router.on("/ofrep/v1/evaluate/flags", method: .options, use: CORS.preflight)
    }

    // MARK: - Routes

    @Sendable private func evaluate(_ request: Request, _ context: ServingContext) async throws -> Response {
        let path = request.uri.path
        guard path.hasPrefix(Self.keyPrefix) else { throw HTTPFailure(.notFound, "there is no such path") }
        let encodedKey = path.dropFirst(Self.keyPrefix.count)
        guard let key = PercentEncoding.decoded(encodedKey) else {
            let error = OpenFeatureError(.general, "the key in the path is not percent-encoded correctly")
            return Self.response(OFREPError(error: error, status: .badRequest), key: String(encodedKey))
        }
        do {
            let document = try document(for: request)
            let user = try await Self.user(request, context)
            let details = document.snapshot.getValueDetails(for: key, defaultValue: "" as any Sendable, user: user)
            let evaluation = Self.evaluation(details)
            return .sharedJSON(evaluation.json, status: HTTPResponse.Status(code: evaluation.status))
        } catch let error as OFREPError {
            return Self.response(error, key: key)
        }
    }

    @Sendable private func evaluateAll(_ request: Request, _ context: ServingContext) async throws -> Response {
        do {
            let document = try document(for: request)
            let user = try await Self.user(request, context)
            let eTag = OFREPBulkETag(eTag: document.eTag, user: user)
            var headers = CORS.jsonHeaders
            headers[.eTag] = eTag.text
            // Clients keep the answer, but have to ask whether it is current.
            headers[.cacheControl] = "no-cache"
            if eTag.matches(ifNoneMatch: request.headers[.ifNoneMatch]) {
                headers[.contentType] = nil
                return Response(status: .notModified, headers: headers)
            }
            var body = ByteBuffer(string: "{\"flags\":[")
            for (index, details) in document.snapshot.getAllValueDetails(user: user).enumerated() {
                if index > 0 { body.writeString(",") }
                body.writeString(Self.evaluation(details).json)
            }
            body.writeString("]}")
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
        } catch let error as OFREPError {
            return Self.response(error, key: nil)
        }
    }

    private static func evaluation(_ details: EvaluationDetails) -> OFREPEvaluation {
        var evaluation = OFREPEvaluation(details)
        if case .success(var success) = evaluation, success.variant == nil {
            // OFREP does not demand a variant, but the provider for Python fails without one.
            success.variant = ""
            evaluation = .success(success)
        }
        return evaluation
    }

    // MARK: - Requests

    /// What is wrong with a request, and the status if it is not the one of the code.
    private struct OFREPError: Error {
        let error: OpenFeatureError
        var status: HTTPResponse.Status?
    }

    private func document(for request: Request) throws(OFREPError) -> ServedDocument {
        guard let config = config(for: request) else {
            throw OFREPError(
                error: OpenFeatureError(
                    .general,
                    relay.configs.all.count == 1
                        ? "there is no config with the ID or SDK key of the request's header"
                        : "the header X-ConfigCat-SdkId has to be the ID of one of the configs"),
                status: .badRequest)
        }
        guard let document = config.document else {
            throw OFREPError(error: OpenFeatureError(.providerNotReady, "no config has been loaded yet"))
        }
        return document
    }

    private func config(for request: Request) -> ServedConfig? {
        if let id = request.headers[Self.idHeader] { return relay.configs[id] }
        if let key = request.headers[Self.sdkKeyHeader] { return relay.configs.config(forKey: key) }
        return relay.configs.only
    }

    private static func user(_ request: Request, _ context: ServingContext) async throws -> ConfigCatUser? {
        let body: ByteBuffer
        do {
            body = try await Relay.body(request, context)
        } catch let failure as HTTPFailure {
            throw OFREPError(error: OpenFeatureError(.general, failure.message), status: failure.status)
        }
        guard let text = String(validating: body.readableBytesView, as: UTF8.self) else {
            throw OFREPError(error: OpenFeatureError(.invalidContext, "the body is not UTF-8"))
        }
        do {
            return try OpenFeatureContext(ofrepRequest: text).user()
        } catch {
            throw OFREPError(error: error)
        }
    }

    private static func response(_ error: OFREPError, key: String?) -> Response {
        let failure = OFREPFailure(error.error, key: key)
        return .sharedJSON(failure.json, status: error.status ?? HTTPResponse.Status(code: failure.status))
    }

    private static let keyPrefix = "/ofrep/v1/evaluate/flags/"
    private static let idHeader = named("X-ConfigCat-SdkId")
    private static let sdkKeyHeader = named("X-ConfigCat-SdkKey")
}
