import HTTPTypes
import Hummingbird

/// Refuses requests that a web page of somebody else makes a browser send: under another name of the server (DNS
/// rebinding), from another origin, or with the content type of a form. It also sets the headers that limit what a page of
/// this server can do.
struct BrowserGuard: RouterMiddleware {
    let hosts: HostPolicy

    func handle(
        _ request: Request, context: ServingContext, next: (Request, ServingContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            try check(request)
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        }
        for field in Self.headers where response.headers[field.name] == nil {
            response.headers[field.name] = field.value
        }
        return response
    }

    private func check(_ request: Request) throws(HTTPFailure) {
        guard hosts.allows(request.head.authority) else {
            throw HTTPFailure(
                .misdirectedRequest, "this server is not known by that name; start it with --public-host to add one")
        }
        guard ![.get, .head, .options].contains(request.method) else { return }
        guard HostPolicy.isSameOrigin(request.headers[.origin], request.head.authority) else {
            throw HTTPFailure(.forbidden, "a page of another origin may not change anything here")
        }
        // Without a body, the content type is missing.
        let type = request.headers[.contentType]
        let hasBody = request.headers[.contentLength].map { $0 != "0" } ?? (request.headers[.transferEncoding] != nil)
        guard type != nil || hasBody else { return }
        let isLogin = request.uri.path == "/login" || request.uri.path == "/logout"
        let wanted = isLogin ? "application/x-www-form-urlencoded" : "application/json"
        let given = type?.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        guard given == wanted else {
            throw HTTPFailure(.unsupportedMediaType, "the content type has to be \(wanted)")
        }
    }

    private static let headers: HTTPFields = [
        .contentSecurityPolicy:
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        .xContentTypeOptions: "nosniff",
        named("Referrer-Policy"): "no-referrer",
        named("Cross-Origin-Opener-Policy"): "same-origin",
        named("Cross-Origin-Resource-Policy"): "same-origin",
    ]
}

/// Demands the token, if the server has one.
struct TokenGuard: RouterMiddleware {
    let access: AccessControl
    /// Where a browser is sent that does not know the token; nil to answer with status 401.
    var loginPath: String?

    func handle(
        _ request: Request, context: ServingContext, next: (Request, ServingContext) async throws -> Response
    ) async throws -> Response {
        guard let token = access.token else { return try await next(request, context) }
        let authorization = request.headers[.authorization]
        let cookie = request.cookies[AccessToken.cookieName]?.value
        if token.accepts(authorization: authorization, cookie: cookie) { return try await next(request, context) }
        if let loginPath { return .redirect(to: loginPath, type: .normal) }
        if authorization != nil, token.recordFailure() {
            throw HTTPFailure(.tooManyRequests, "too many wrong tokens; wait a minute", headers: [.retryAfter: "60"])
        }
        throw HTTPFailure(
            .unauthorized, "this needs the server's token: Authorization: Bearer …",
            headers: [.wwwAuthenticate: "Bearer"])
    }
}

/// Returns the name of a header.
func named(_ name: String) -> HTTPField.Name {
    // All names are literals of this module.
    guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is not the name of a header") }
    return name
}
