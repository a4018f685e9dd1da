import ConfigCat
import ConfigCatTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Shop

/// Tests in parallel share one client, as requests do in production, and each test has its own flags.
@Suite("Shop", .flags)
struct ShopTests {
    private static let client = TestFlags.shared.client()

    private func get(_ path: String, user: String? = nil, email: String? = nil) async throws -> String {
        let router = Shop.router(client: Self.client, metrics: TextMetrics())
        return try await Application(router: router).test(.router) { client in
            var headers = HTTPFields()
            headers[.userID] = user
            headers[.userEmail] = email
            return try await client.execute(uri: path, method: .get, headers: headers) { response in
                #expect(response.status == .ok)
                return String(buffer: response.body)
            }
        }
    }

    @Test("a visitor gets the checkout that the flag says", .flags { $0[.newCheckout] = true })
    func newCheckout() async throws {
        #expect(try await get("/").contains(#""checkout":"new""#))
    }

    @Test("without values, flags have their defaults")
    func defaults() async throws {
        #expect(try await get("/").contains(#""checkout":"old""#))
    }

    @Test(
        "the user's attributes decide",
        .flags { $0.set(.newCheckout, to: true, where: .email(endsWith: "@example.com")) })
    func targeting() async throws {
        #expect(try await get("/", user: "jane", email: "jane@example.com").contains(#""checkout":"new""#))
        #expect(try await get("/", user: "joe", email: "joe@mail.test").contains(#""checkout":"old""#))
    }

    @Test("the shop works without a config", .flags { $0.isOutage = true })
    func outage() async throws {
        #expect(try await get("/").contains("Teapot"))
    }

    @Test("a request without flags evaluates none")
    func plain() async throws {
        let recorder = EvaluationRecorder(Self.client)
        _ = try await get("/plain")
        #expect(recorder.evaluations.isEmpty)
        _ = try await get("/")
        #expect(recorder.evaluations(of: .newCheckout).count == 1)
    }
}
