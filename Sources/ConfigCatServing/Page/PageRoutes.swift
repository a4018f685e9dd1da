import HTTPTypes
import Hummingbird

/// The page of the development server, and the form in which a browser enters the server's token.
///
/// Only the page itself needs the token: its parts are the same on each server, and the form needs the style.
struct PageRoutes {
    let access: AccessControl

    func add(to router: RouterGroup<ServingContext>) {
        let guarded = router.group().add(middleware: TokenGuard(access: access, loginPath: "/login"))
        Self.add(to: guarded, "/") { PageFile.index.response(to: $0) }
        for (name, file) in PageFile.parts { Self.add(to: router, "/\(name)") { file.response(to: $0) } }
        Self.add(to: router, "/login") { request in
            access.token == nil ? .redirect(to: "/", type: .normal) : PageFile.login.response(to: request)
        }
    }

    private static func add(
        to router: RouterGroup<ServingContext>, _ path: String, _ respond: @escaping @Sendable (Request) -> Response
    ) {
        for method in [HTTPRequest.Method.get, .head] {
            router.on(RouterPath(path), method: method) { request, _ in respond(request) }
        }
    }
}
