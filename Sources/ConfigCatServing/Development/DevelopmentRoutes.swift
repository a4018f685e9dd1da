import ConfigCatCache
import ConfigCatCommandLine
import ConfigCatEvaluation
import ConfigCatSQLiteCache
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The development API, `/api/dev/…`, as `openapi.json` describes it.
struct DevelopmentRoutes {
    let configs: ServedConfigs
    let store: any OverrideStore
    let streams: ServerSentEvents
    let logger: Logger

    private typealias Handler = @Sendable (Request, ServingContext) async throws -> Response

    /// Adds the routes to the group of `/api/dev`.
    func add(to group: RouterGroup<ServingContext>) {
        on("/configs", [(.get, list)], group)
        on("/events", [(.get, events)], group)
        let config = "/configs/{id}"
        on(config + "/settings", [(.get, settings)], group)
        on(config + "/overrides", [(.get, overrides), (.delete, removeAll)], group)
        on(config + "/overrides/{key}", [(.put, set), (.delete, remove)], group)
        on(config + "/evaluate", [(.post, evaluate)], group)
        on(config + "/explain", [(.post, explain)], group)
        on(config + "/sync", [(.post, sync)], group)
        on(config + "/export", [(.get, export)], group)
        on(config + "/import", [(.post, importAll)], group)
        on(config + "/clients", [(.get, clients)], group)
        on("/**", [], group)
    }

    /// Adds a path, which is answered with status 405 for all other methods.
    private func on(_ path: String, _ handlers: [(HTTPRequest.Method, Handler)], _ group: RouterGroup<ServingContext>) {
        var handlers = handlers.map { ($0.0, failing($0.1)) }
        if let get = handlers.first(where: { $0.0 == .get })?.1 {
            handlers.append((.head, { request, context in try await get(request, context).createHeadResponse() }))
        }
        for (method, handler) in handlers { group.on(RouterPath(path), method: method, use: handler) }
        let allowed = handlers.map(\.0.rawValue).joined(separator: ", ")
        for method in HTTPRequest.Method.known where !handlers.contains(where: { $0.0 == method }) {
            group.on(RouterPath(path), method: method) { request, _ -> Response in
                if allowed.isEmpty {
                    throw HTTPFailure(.notFound, "the development API has no path \(request.uri.path)")
                }
                throw HTTPFailure(
                    .methodNotAllowed, "the method has to be one of \(allowed)", headers: [.allow: allowed])
            }
        }
    }

    /// Returns a handler whose errors are responses.
    private func failing(_ handler: @escaping Handler) -> Handler {
        { [logger] request, context in
            do {
                return try await handler(request, context)
            } catch let error as OverrideError {
                switch error.kind {
                case .invalid: throw HTTPFailure(.unprocessableContent, error.description)
                case .missing: throw HTTPFailure(.notFound, error.description)
                case .full: throw HTTPFailure(.conflict, error.description)
                }
            } catch let error as SQLiteCacheError {
                logger.error("The overrides cannot be kept.", metadata: ["error": "\(error)"])
                throw HTTPFailure(.internalServerError, "the overrides cannot be kept: \(error)")
            } catch let error as BlockingLaneError {
                throw HTTPFailure(.serviceUnavailable, "\(error)")
            }
        }
    }

    // MARK: - Reading

    @Sendable private func list(_ request: Request, _ context: ServingContext) -> Response {
        .json(JSONValue.configs(configs).json)
    }

    @Sendable private func settings(_ request: Request, _ context: ServingContext) throws -> Response {
        let config = try config(context)
        let (document, upstream) = try data(of: config)
        return .json(
            SettingsJSON(upstream: upstream, overrides: config.overrides).json(id: config.id, document).json)
    }

    @Sendable private func overrides(_ request: Request, _ context: ServingContext) throws -> Response {
        let (_, upstream, overrides) = try config(context).view
        let all = overrides.map { JSONValue($0, in: upstream) }
        return .json(JSONValue(dictionaryLiteral: ("overrides", .array(all))).json)
    }

    @Sendable private func clients(_ request: Request, _ context: ServingContext) throws -> Response {
        let config = try config(context)
        let current = config.document?.number
        let all = config.journal.clients().map { JSONValue($0, current: current) }
        return .json(JSONValue(dictionaryLiteral: ("clients", .array(all))).json)
    }

    @Sendable private func events(_ request: Request, _ context: ServingContext) throws -> Response {
        if request.method == .head { return Response(status: .ok, headers: [.contentType: "text/event-stream"]) }
        return try streams.response(of: DevelopmentEvents(configs: configs), to: request)
    }

    @Sendable private func sync(_ request: Request, _ context: ServingContext) async throws -> Response {
        let config = try config(context)
        let result = await config.synchronize()
        let document = config.document
        return .json(
            JSONValue(
                dictionaryLiteral: ("success", .bool(result.error == nil)), ("error", JSONValue(result.error)),
                ("etag", JSONValue(document?.eTag)), ("version", JSONValue(document?.number ?? 0))
            ).json)
    }

    // MARK: - Overrides

    @Sendable private func set(_ request: Request, _ context: ServingContext) async throws -> Response {
        let config = try config(context)
        let id = try overrideID(request, context)
        let (_, upstream) = try data(of: config)
        let body = try await JSONBody.object(of: request, context, allowing: ["value", "enabled"])
        var isEnabled: Bool?
        if let enabled = body["enabled"] {
            guard let bool = enabled.bool else { throw HTTPFailure(.badRequest, "\"enabled\" is not true or false") }
            isEnabled = bool
        }
        let type = try Self.type(of: id.key, in: upstream)
        let change: OverrideChange
        if let value = body.last("value") {
            let given: SettingValue
            do {
                given = try SettingValue(value, type: type)
            } catch {
                throw OverrideError("the setting '\(id.key)' is of type \(type.name): \(error)")
            }
            let held = config.overrides[id]?.isEnabled
            change = .set(
                try Override(
                    key: id.key, user: id.user, value: given, isEnabled: isEnabled ?? held ?? true, updated: Date()))
        } else if let isEnabled {
            change = .enable(id, isEnabled, at: Date())
        } else {
            throw HTTPFailure(.badRequest, "the body has neither \"value\" nor \"enabled\"")
        }
        let all = try await config.change(change, in: store)
        guard let override = all[id] else { throw OverrideError("the override has been removed", kind: .missing) }
        return .json(JSONValue(override, in: config.upstream).json)
    }

    @Sendable private func remove(_ request: Request, _ context: ServingContext) async throws -> Response {
        let config = try config(context)
        try await config.change(.remove(try overrideID(request, context)), in: store)
        return Response(status: .noContent)
    }

    @Sendable private func removeAll(_ request: Request, _ context: ServingContext) async throws -> Response {
        let config = try config(context)
        // A client that appends an empty key does not mean all overrides; neither does one that names a user.
        guard !request.uri.path.hasSuffix("/"), try Query.value("user", of: request) == nil else {
            throw HTTPFailure(.badRequest, "the key of the setting is missing")
        }
        try await config.change(.removeAll, in: store)
        return Response(status: .noContent)
    }

    @Sendable private func export(_ request: Request, _ context: ServingContext) throws -> Response {
        let config = try config(context)
        let all = config.overrides.map { override in
            JSONValue(
                dictionaryLiteral: ("key", .string(override.key)), ("user", JSONValue(override.user)),
                ("value", JSONValue(override.value)), ("enabled", .bool(override.isEnabled)))
        }
        return .json(
            JSONValue(dictionaryLiteral: ("overrides", .array(all))).json,
            headers: [.contentDisposition: "attachment; filename=\"\(config.id)-overrides.json\""])
    }

    @Sendable private func importAll(_ request: Request, _ context: ServingContext) async throws -> Response {
        let config = try config(context)
        let (_, upstream) = try data(of: config)
        let isReplacing: Bool
        switch try Query.value("replace", of: request) {
        case nil, "false": isReplacing = false
        case "true": isReplacing = true
        default: throw HTTPFailure(.badRequest, "the query's \"replace\" is not true or false")
        }
        let body = try await JSONBody.object(
            of: request, context, allowing: ["overrides"], upTo: Self.importLimit)
        guard let elements = body["overrides"]?.array else {
            throw HTTPFailure(.badRequest, "\"overrides\" is missing or not an array")
        }
        var accepted: [Override] = []
        var rejected: [JSONValue] = []
        for (index, element) in elements.enumerated() {
            let part = try ImportedOverride(element, number: index + 1)
            do {
                accepted.append(try part.override(in: upstream))
            } catch {
                rejected.append(
                    JSONValue(
                        dictionaryLiteral: ("key", .string(part.id.key)), ("user", JSONValue(part.id.user)),
                        ("error", .string(error.description))))
            }
        }
        try await config.change(.merge(accepted, replacing: isReplacing), in: store)
        return .json(
            JSONValue(
                dictionaryLiteral: ("imported", JSONValue(OverrideSet(accepted).count)), ("rejected", .array(rejected))
            ).json)
    }

    /// The longest import, in bytes. What was exported is often longer than other bodies may be.
    private static let importLimit = 16 << 20

    // MARK: - Evaluating

    @Sendable private func evaluate(_ request: Request, _ context: ServingContext) async throws -> Response {
        let config = try config(context)
        let body = try await JSONBody.object(of: request, context, allowing: ["user", "keys", "explain"])
        let user = try JSONBody.user(in: body)
        var keys: [String]?
        if let list = body["keys"] {
            let texts = list.array?.compactMap(\.text)
            guard let texts, texts.count == list.array?.count else {
                throw HTTPFailure(.badRequest, "\"keys\" is not an array of strings")
            }
            // Each one once, or a short body could ask for a response that does not fit into memory.
            var seen: Set<ExactString> = []
            keys = texts.filter { seen.insert(ExactString($0)).inserted }
        }
        var isExplaining = false
        if let explain = body["explain"] {
            guard let bool = explain.bool else { throw HTTPFailure(.badRequest, "\"explain\" is not true or false") }
            isExplaining = bool
        }
        let (document, _) = try data(of: config)
        var evaluation = EvaluationJSON(config: document.config, user: user, overrides: config.overrides)
        let values = (keys ?? document.config.keys).map { evaluation.value(of: $0, isExplaining: isExplaining) }
        return .json(
            JSONValue(
                dictionaryLiteral: ("etag", .string(document.eTag)), ("version", JSONValue(document.number)),
                ("values", .array(values))
            ).json)
    }

    @Sendable private func explain(_ request: Request, _ context: ServingContext) async throws -> Response {
        let config = try config(context)
        let body = try await JSONBody.object(of: request, context, allowing: ["user", "key"])
        guard let key = body["key"]?.text else { throw HTTPFailure(.badRequest, "\"key\" is missing or not a string") }
        let user = try JSONBody.user(in: body)
        let (document, upstream) = try data(of: config)
        _ = try Self.setting(key, in: upstream)
        var evaluation = EvaluationJSON(config: document.config, user: user, overrides: config.overrides)
        return .json(evaluation.value(of: key, isExplaining: true).json)
    }

    // MARK: - Parts of requests

    private func config(_ context: ServingContext) throws(HTTPFailure) -> ServedConfig {
        let id = context.parameters.get("id").flatMap { PercentEncoding.decoded($0[...]) } ?? ""
        if let config = configs[id] { return config }
        let known = configs.all.prefix(20).map { "'\($0.id)'" }.joined(separator: ", ")
        throw HTTPFailure(.notFound, "there is no config '\(id)'; this server has \(known)")
    }

    private func data(of config: ServedConfig) throws(HTTPFailure) -> (document: ServedDocument, upstream: Config) {
        let (document, upstream, _) = config.view
        guard let document, let upstream else {
            throw HTTPFailure(
                .serviceUnavailable, "the config has not been loaded yet: \(config.problem ?? "the server is starting")"
            )
        }
        return (document, upstream)
    }

    private func overrideID(_ request: Request, _ context: ServingContext) throws(HTTPFailure) -> Override.ID {
        guard let key = context.parameters.get("key").flatMap({ PercentEncoding.decoded($0[...]) }) else {
            throw HTTPFailure(.badRequest, "the key in the path is not percent-encoded UTF-8")
        }
        return Override.ID(key: key, user: try Query.value("user", of: request))
    }

    /// Returns a setting.
    static func setting(_ key: String, in config: Config) throws(OverrideError) -> Setting {
        guard let setting = config[key] else {
            throw OverrideError("the config has no setting '\(key)'", kind: .missing)
        }
        return setting
    }

    /// Returns the type of a setting's values.
    static func type(of key: String, in config: Config) throws(OverrideError) -> SettingType {
        let setting = try setting(key, in: config)
        guard let type = setting.type, setting.problem == nil else {
            throw OverrideError("the setting '\(key)' is malformed: \(setting.problem ?? "it has no type")")
        }
        return type
    }
}

extension HTTPRequest.Method {
    /// The methods that a path answers with status 405 if it does not have them; Hummingbird answers others with 404.
    static let known: [HTTPRequest.Method] =
        [.get, .head, .post, .put, .patch, .delete, .options, .trace, HTTPRequest.Method("QUERY")].compactMap(\.self)
}
