import ConfigCat
import ConfigCatEvaluation
import HTTPTypes
import Hummingbird
import Logging

/// Puts the flags of the request's user into its context.
struct FlagsMiddleware: RouterMiddleware {
    let client: ConfigCatClient

    func handle(
        _ request: Request, context: ShopContext, next: (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let user = user(of: request) {
            context.flags = client.snapshot(for: user)
            context.logger[metadataKey: "user"] = .string(user.identifier)
        } else {
            context.flags = client.snapshot()
        }
        return try await next(request, context)
    }

    /// Returns the user of a request. In a real shop, the middleware that checks the session knows it.
    private func user(of request: Request) -> ConfigCatUser? {
        guard let identifier = request.headers[.userID] else { return nil }
        return ConfigCatUser(
            identifier: identifier, email: request.headers[.userEmail], country: request.headers[.userCountry])
    }
}

extension HTTPField.Name {
    static let userID = named("X-User-ID")
    static let userEmail = named("X-User-Email")
    static let userCountry = named("X-User-Country")
    static let worker = named("X-Worker")

    private static func named(_ name: String) -> Self {
        guard let name = Self(name) else { preconditionFailure("\(name) is not the name of a header") }
        return name
    }
}
