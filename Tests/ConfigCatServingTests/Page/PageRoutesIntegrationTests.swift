import ConfigCatTestSupport
import Foundation
import NIOHTTP1
import Testing

@testable import ConfigCatServing

@Suite(.cleanup) struct PageRoutesIntegrationTests {
    private static let folder = Tools.project.appending(path: "Sources/ConfigCatServing/Page")
    private static let config = #"{"f": {}}"#
    private static let token = "correct horse battery staple"

    @Test("all files of the page are in the binary")
    func embedded() async throws {
        let server = try await TestServer(json: Self.config)
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        let parts = names.filter { $0.hasSuffix(".js") || $0.hasSuffix(".css") }
        #expect(parts.count == PageFile.parts.count)
        for (path, name) in [("/", "index.html")] + parts.map({ ("/\($0)", $0) }) {
            let response = try await server.send(.GET, path)
            #expect(response.status == 200, "\(path)")
            #expect(response.text == (try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)))
            let type = ["html": "text/html", "css": "text/css", "js": "text/javascript"]
            let ending = name.split(separator: ".").last.map(String.init) ?? ""
            #expect(response.headers.first(name: "Content-Type") == type[ending].map { $0 + "; charset=utf-8" })
        }
    }

    @Test("browsers keep the page, but ask whether it is current")
    func revalidated() async throws {
        let server = try await TestServer(json: Self.config)
        let response = try await server.send(.GET, "/page.js")
        #expect(response.headers.first(name: "Cache-Control") == "no-cache")
        #expect(response.headers.first(name: "X-Content-Type-Options") == "nosniff")
        let policy = try #require(response.headers.first(name: "Content-Security-Policy"))
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';"))
        let eTag = try #require(response.headers.first(name: "ETag"))
        let second = try await server.send(.GET, "/page.js", headers: ["If-None-Match": eTag])
        #expect(second.status == 304)
        #expect(second.body.isEmpty)
        let head = try await server.send(.HEAD, "/page.js")
        #expect(head.status == 200)
        #expect(head.headers.first(name: "ETag") == eTag)
    }

    @Test("with a token, the page begins with the login form")
    func login() async throws {
        let server = try await TestServer(json: Self.config) { $0.token = Self.token }
        let page = try await server.send(.GET, "/")
        #expect(page.status == 303)
        #expect(page.headers.first(name: "Location") == "/login")
        #expect(try await server.send(.GET, "/login").text.contains("action=\"/login\""))
        #expect(try await server.send(.GET, "/page.css").status == 200)
        let form = ["Content-Type": "application/x-www-form-urlencoded"]
        let wrong = try await server.send(.POST, "/login", headers: .init(Array(form)), body: "token=wrong")
        #expect(wrong.headers.first(name: "Location") == "/login#wrong")
        let right = try await server.send(
            .POST, "/login", headers: .init(Array(form)), body: "token=correct+horse%20battery+staple")
        #expect(right.headers.first(name: "Location") == "/")
        let cookie = try #require(right.headers.first(name: "Set-Cookie")?.split(separator: ";").first)
        #expect(try await server.send(.GET, "/", headers: ["Cookie": String(cookie)]).status == 200)
    }

    @Test("without a token, there is no login form")
    func noLogin() async throws {
        let server = try await TestServer(json: Self.config)
        let response = try await server.send(.GET, "/login")
        #expect(response.status == 303)
        #expect(response.headers.first(name: "Location") == "/")
    }

    @Test("a relay has no page")
    func relay() async throws {
        let server = try await TestServer(json: Self.config) { $0.isRelay = true }
        #expect(try await server.send(.GET, "/").status == 404)
        #expect(try await server.send(.GET, "/page.js").status == 404)
    }
}
