import AsyncHTTPClient
import ConfigCatCommandLine
import ConfigCatTestSupport
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Testing

@testable import ConfigCatServing

/// A server in the process of the tests, on a free port of loopback. It ends with the test.
struct TestServer: Sendable {
    let server: FlagServer
    let url: String
    private let task: Task<Void, any Error>

    /// Starts a server.
    ///
    /// - Parameter configure: Sets the options; by default, overrides are in memory, and the port is free.
    init(_ configure: (inout FlagServerOptions) throws -> Void) async throws {
        var options = FlagServerOptions()
        options.port = 0
        options.isEphemeral = true
        try configure(&options)
        let server = try FlagServer(options, requestLog: options.isRelay ? nil : RequestLog { _ in }, logger: .silent)
        let (urls, continuation) = AsyncStream.makeStream(of: String.self)
        let task = Task {
            defer { continuation.finish() }
            try await server.run(signals: false) { continuation.yield($0) }
        }
        self.server = server
        self.task = task
        var iterator = urls.makeAsyncIterator()
        guard let url = await iterator.next() else {
            try await task.value
            throw CancellationError()
        }
        self.url = url
        Cleanup.add {
            task.cancel()
            _ = await task.result
        }
    }

    /// Starts a server of one config, whose ID is `flags`.
    init(json: String, _ configure: (inout FlagServerOptions) throws -> Void = { _ in }) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "cc-\(UUID().uuidString)-flags.json")
        try Data(json.utf8).write(to: file)
        Cleanup.add { try? FileManager.default.removeItem(at: file) }
        try await self.init { options in
            options.configs = [try ConfigDeclaration(file: "flags=\(file.path)")]
            try configure(&options)
        }
    }

    /// The only config.
    var config: ConfigCatServing.ServedConfig {
        get throws { try #require(server.configs.only) }
    }

    func stop() async {
        task.cancel()
        _ = await task.result
    }

    /// Unlike the shared client, it neither decompresses nor follows redirects.
    private static let client = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    struct Response: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Sends a request.
    func send(
        _ method: HTTPMethod = .GET, _ path: String, headers: HTTPHeaders = [:], body: String? = nil
    ) async throws -> Response {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        request.headers = headers
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await Self.client.execute(request, timeout: .seconds(60))
        let content = try await response.body.collect(upTo: 1 << 26)
        return Response(
            status: Int(response.status.code), headers: response.headers, body: Array(content.readableBytesView))
    }
}

/// The CDN path of the test SDK key, or of another one.
func configPath(_ key: String = testKey, layout: Int = 6) -> String {
    "/configuration-files/\(key)/config_v\(layout).json"
}
