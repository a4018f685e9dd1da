import AsyncHTTPClient
import ConfigCat
import ConfigCatCache
import ConfigCatEvaluation
import ConfigCatTestSupport
import Foundation
import NIOHTTP1
import Testing

@testable import ConfigCatServing

@Suite("CDN paths", .cleanup)
struct CDNRoutesIntegrationTests {
    private static let json =
        #"{"p":{"u":"https://elsewhere.example","r":2,"s":"c2FsdA=="},"f":{"a":{"t":0,"v":{"b":true}}},"s":[]}"#

    @Test("a config has an ETag; a client that names it, in any of its forms, gets status 304")
    func notModified() async throws {
        let server = try await TestServer(json: Self.json)
        let first = try await server.send(.GET, configPath())
        let eTag = try #require(first.headers.first(name: "ETag"))
        #expect(first.status == 200 && eTag.hasPrefix("\"") && eTag.hasSuffix("\""))
        #expect(first.headers.first(name: "Cache-Control") == "max-age=0, must-revalidate")
        #expect(first.headers.first(name: "Access-Control-Allow-Origin") == "*")
        let bare = eTag.dropFirst().dropLast()
        for headers in [eTag, "W/\(eTag)", "\"x\", \(eTag)", "*", "\"x\",W/\(eTag) "] {
            let response = try await server.send(.GET, configPath(), headers: ["If-None-Match": headers])
            #expect(response.status == 304 && response.body.isEmpty, "\(headers)")
            #expect(response.headers.first(name: "ETag") == eTag)
        }
        for query in ["?ccetag=%22\(bare)%22", "?sdk=ConfigCat-JS%2F9&ccetag=%22\(bare)%22", "?ccetag=\(bare)"] {
            #expect(try await server.send(.GET, configPath() + query).status == 304, "\(query)")
        }
        for query in ["?ccetag=", "?ccetag=x", "?x=ccetag", "?ccetag=%", "?ccetag=%22"] {
            #expect(try await server.send(.GET, configPath() + query).status == 200, "\(query)")
        }
        #expect(try await server.send(.GET, configPath(), headers: ["If-None-Match": "\"x\""]).status == 200)
        // A header precedes the query, as a browser's own cache would send it.
        let both = try await server.send(
            .GET, configPath() + "?ccetag=%22\(bare)%22", headers: ["If-None-Match": "\"x\""])
        #expect(both.status == 200)
    }

    @Test("the references of a document to other CDNs are removed; its salt and its segments stay")
    func references() async throws {
        let server = try await TestServer(json: Self.json)
        let served = try await server.send(.GET, configPath())
        let config = try Config(json: served.text)
        #expect(config.baseURL == nil && config.redirectMode.rawValue == 0)
        #expect(served.text.contains(#""s":"c2FsdA==""#) && served.text.contains(#""s":[]"#))
    }

    @Test("gzip is used if the client accepts it, and the content is the same")
    func compression() async throws {
        let large =
            "{\"f\":{" + (0..<200).map { "\"key\($0)\":{\"t\":0,\"v\":{\"b\":true}}" }.joined(separator: ",") + "}}"
        let server = try await TestServer(json: large)
        let plain = try await server.send(.GET, configPath())
        #expect(
            plain.headers.first(name: "Content-Encoding") == nil
                && plain.headers.first(name: "Vary") == "Accept-Encoding")
        for accepted in ["gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8, *;q=0.1", "*", "GZIP", "gzip;q=0.001"] {
            let response = try await server.send(.GET, configPath(), headers: ["Accept-Encoding": accepted])
            #expect(response.headers.first(name: "Content-Encoding") == "gzip", "\(accepted)")
            #expect(response.body.count < plain.body.count / 4)
        }
        for accepted in ["deflate", "identity", "gzip;q=0", "gzip; q=0.0, br", "gzipped"] {
            let response = try await server.send(.GET, configPath(), headers: ["Accept-Encoding": accepted])
            #expect(response.headers.first(name: "Content-Encoding") == nil, "\(accepted)")
            #expect(response.body == plain.body)
        }
        // Our client accepts gzip, and reads all settings.
        let client = try openClient(sdkKey: "CDN-gzip-0123456789012/1234567890123456789012") {
            $0.baseUrl = server.url
            $0.pollingMode = .manualPoll
        }
        #expect(await client.forceRefresh().success)
        #expect(await client.getAllKeys().count == 200)
    }

    @Test("HEAD has the headers of GET, OPTIONS is a preflight, and other methods are refused")
    func methods() async throws {
        let server = try await TestServer(json: Self.json)
        let get = try await server.send(.GET, configPath())
        let head = try await server.send(.HEAD, configPath())
        #expect(head.status == 200 && head.body.isEmpty && head.headers["ETag"] == get.headers["ETag"])
        #expect(head.headers["Content-Length"] == get.headers["Content-Length"])
        let preflight = try await server.send(
            .OPTIONS, configPath(),
            headers: [
                "Origin": "https://app.example", "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "x-configcat-useragent,if-none-match",
            ])
        #expect(preflight.status == 204 && preflight.headers.first(name: "Access-Control-Allow-Origin") == "*")
        #expect(preflight.headers.first(name: "Access-Control-Allow-Methods")?.contains("GET") == true)
        #expect(
            preflight.headers.first(name: "Access-Control-Allow-Headers")?.contains("X-ConfigCat-UserAgent") == true)
        for method in [HTTPMethod.POST, .PUT, .DELETE, .PATCH] {
            let response = try await server.send(method, configPath(), body: "{}")
            #expect(response.status == 405 && response.headers.first(name: "Allow") == "GET, HEAD, OPTIONS")
        }
    }

    @Test("one file answers every SDK key; several are distinguished by their ID, and an unknown key gets status 404")
    func keys() async throws {
        let server = try await TestServer(json: Self.json)
        #expect(try await server.send(.GET, configPath("any/key")).status == 200)
        #expect(try await server.send(.GET, configPath("configcat-proxy/flags")).status == 200)
        #expect(try await server.send(.GET, configPath("configcat-proxy/other")).status == 404)
        #expect(try await server.send(.GET, "/configuration-files/a/config_v7.json").status == 404)
        try await withFolder { folder in
            for name in ["a", "b"] {
                try Data(#"{"flags":{"name":"\#(name)"}}"#.utf8).write(to: folder.appending(path: "\(name).json"))
            }
            let several = try await TestServer { options in
                options.configs = try ["a", "b"].map {
                    try ConfigDeclaration(file: folder.appending(path: "\($0).json").path)
                }
            }
            for name in ["a", "b"] {
                let response = try await several.send(.GET, configPath("configcat-proxy/\(name)"))
                #expect(try Config(json: response.text)["name"]?.value == .string(name))
            }
            let unknown = try await several.send(.GET, configPath())
            #expect(unknown.status == 404 && unknown.headers.first(name: "Access-Control-Allow-Origin") == "*")
        }
    }

    @Test("a client sees a change of the file; an invalid file leaves the last valid config")
    func changes() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "flags.json")
            func write(_ json: String) throws { try Data(json.utf8).write(to: file, options: .atomic) }
            try write(#"{"flags":{"a":1}}"#)
            let server = try await TestServer { $0.configs = [try ConfigDeclaration(file: file.path)] }
            let config = try server.config
            let client = try openClient(sdkKey: "CDN-changes-0123456789/1234567890123456789012") {
                $0.baseUrl = server.url
                $0.pollingMode = .manualPoll
            }
            func value() async -> Int {
                _ = await client.forceRefresh()
                return await client.getValue(for: "a", defaultValue: 0)
            }
            #expect(await value() == 1)
            try write(#"{"flags":{"a":2}}"#)
            await eventually("the client gets the change") { await value() == 2 }
            try write(#"{"flags":{"#)
            await eventually("the server reports the error") { config.problem != nil }
            #expect(await value() == 2)
            try FileManager.default.removeItem(at: file)
            await eventually("the server reports that the file is gone") {
                config.problem?.contains("no such file") == true
            }
            #expect(await value() == 2)
            try write(#"{"flags":{"a":3}}"#)
            await eventually("the client gets the next valid file") { await value() == 3 }
            #expect(config.problem == nil && config.document?.number == 3)
        }
    }

    @Test("a server without data answers with status 503, and serves as soon as the CDN is there")
    func unavailable() async throws {
        let cdn = try await TestCDN(.response(status: 500))
        let server = try await TestServer { options in
            options.configs = [try ConfigDeclaration(sdkKey: testKey)]
            options.baseURL = cdn.url
            options.pollInterval = .seconds(1)
        }
        let response = try await server.send(.GET, configPath())
        #expect(response.status == 503 && response.headers.first(name: "Access-Control-Allow-Origin") == "*")
        cdn.set(.config(Self.json, eTag: "\"upstream\""))
        await eventually("the config is served") { try await server.send(.GET, configPath()).status == 200 }
        #expect(try await server.send(.GET, configPath("configcat-proxy/default")).status == 200)
        #expect(try await server.send(.GET, configPath("another/key")).status == 404)
        // While the CDN is down, what is held is served.
        cdn.set(.drop)
        #expect(try await server.config.synchronize().error != nil)
        #expect(try await server.send(.GET, configPath()).status == 200)
    }

    @Test("two servers have the same ETag, and the journal knows which SDK has which version")
    func journal() async throws {
        let (first, second) = (try await TestServer(json: Self.json), try await TestServer(json: Self.json))
        let response = try await first.send(.GET, configPath(), headers: ["X-ConfigCat-UserAgent": "ConfigCat-Go/9"])
        let eTag = try #require(response.headers.first(name: "ETag"))
        let replica = try await second.send(
            .GET, configPath(), headers: ["If-None-Match": eTag, "X-ConfigCat-UserAgent": "ConfigCat-Go/9"])
        #expect(replica.status == 304)
        let client = try #require(try second.config.journal.clients().first)
        #expect(client.sdk == "ConfigCat-Go/9" && client.status == 304 && client.version == 1 && client.requests == 1)
    }
}
