import HTTPTypes
import Hummingbird

/// The page of the development server, and the form in which a browser enters the server's token.
///
/// Only the page itself needs the token: its parts are the same on each server, and the login form needs the style.
struct PageRoutes {
    let token: AccessToken?
    /// Whether browsers reach the server by HTTPS, so that the cookie is for HTTPS only.
    let usesTLS: Bool

    func add(to router: some RouterMethods<ServingContext>) {
        let guarded = router.group().add(middleware: TokenGuard(token: token, loginPath: "/login"))
        Self.add(to: guarded, "/", .index)
        for (name, file) in PageFile.parts { Self.add(to: router, "/\(name)", file) }
        guard let token else {
            router.get("/login") { _, _ in Response.redirect(to: "/", type: .normal) }
            return
        }
        Self.add(to: router, "/login", .login)
        router.post("/login") { request, _ in try await logIn(request, token) }
    }

    private static func add(to router: some RouterMethods<ServingContext>, _ path: String, _ file: PageFile) {
        for method in [HTTPRequest.Method.get, .head] {
            router.on(RouterPath(path), method: method) { request, _ in file.response(to: request) }
        }
    }

    private struct LoginForm: Decodable {
        var token: String
    }

    /// The longest form that is read, in bytes.
    private static let formLimit = 8192

    /// Gives a browser that knows the token a cookie for it.
    private func logIn(_ request: Request, _ token: AccessToken) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.formLimit)
        let form = try? URLEncodedFormDecoder().decode(LoginForm.self, from: String(buffer: body))
        guard let form, token.accepts(form.token) else {
            if token.recordFailure() {
                throw HTTPFailure(
                    .tooManyRequests, "too many wrong tokens; wait a minute", headers: [.retryAfter: "60"])
            }
            // The form has a message with this name, so that it needs no script.
            return .redirect(to: "/login#wrong", type: .normal)
        }
        var response = Response.redirect(to: "/", type: .normal)
        response.headers[.cacheControl] = "no-store"
        response.setCookie(
            Cookie(
                name: AccessToken.cookieName, value: token.cookie, path: "/", secure: usesTLS, httpOnly: true,
                sameSite: .strict))
        return response
    }
}
