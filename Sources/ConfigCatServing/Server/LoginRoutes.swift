import ConfigCatCache
import HTTPTypes
import Hummingbird

/// Gives a browser that knows the token a cookie for it.
struct LoginRoutes {
    let access: AccessControl
    /// Whether the cookie is only sent over TLS.
    let isSecure: Bool

    func add(to router: RouterGroup<ServingContext>) {
        router.post("/login") { request, context in
            guard let token = access.token else { return Response.redirect(to: "/", type: .normal) }
            let body = try await request.body.collect(upTo: 4096)
            guard let given = Self.token(in: String(buffer: body)), token.accepts(given) else {
                if token.recordFailure() {
                    throw HTTPFailure(
                        .tooManyRequests, "too many wrong tokens; wait a minute", headers: [.retryAfter: "60"])
                }
                // The form has a message with this name, so that it needs no script.
                return Response.redirect(to: "/login#wrong", type: .normal)
            }
            return redirect(to: "/", cookie: token.cookie, maxAge: nil)
        }
        router.post("/logout") { _, _ in redirect(to: "/login", cookie: "", maxAge: 0) }
    }

    private func redirect(to path: String, cookie: String, maxAge: Int?) -> Response {
        var response = Response.redirect(to: path, type: .normal)
        response.setCookie(
            Cookie(
                name: AccessToken.cookieName, value: cookie, maxAge: maxAge, path: "/", secure: isSecure,
                httpOnly: true,
                sameSite: .strict))
        return response
    }

    /// Returns the field `token` of a form.
    static func token(in form: String) -> String? {
        for field in form.split(separator: "&") where field.hasPrefix("token=") {
            return PercentEncoding.decoded(field.dropFirst("token=".count).replacing("+", with: " ")[...])
        }
        return nil
    }
}
