import AsyncHTTPClient
import ConfigCatCommandLine
import ConfigCatTestSupport
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import ConfigCatServing

/// A server of `configcatctl serve` in this process, which ends with the test.
final class RelayServer: Sendable {
    let url: String
    let server: FlagServer
    private let folder: URL
    private let task: Task<Void, any Error>

    /// Starts a server with files, by the ID of their config, and with SDK keys.
    init(
        files: [String: String] = [:], sdkKeys: [String: String] = [:], requestLog: RequestLog? = nil,
        logger: Logger = .silent, _ configure: (inout FlagServerOptions) -> Void = { _ in }
    ) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "cc-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var options = FlagServerOptions()
        options.port = 0
        options.isRelay = true
        for (id, json) in files.sorted(by: { $0.key < $1.key }) {
            let file = folder.appending(path: "\(id).json")
            try Data(json.utf8).write(to: file)
            options.configs.append(try ConfigDeclaration(file: "\(id)=\(file.path)"))
        }
        options.configs += try sdkKeys.map { try ConfigDeclaration(sdkKey: "\($0.key)=\($0.value)") }
        configure(&options)
        let server = try FlagServer(options, requestLog: requestLog, logger: logger)
        self.server = server
        let (urls, continuation) = AsyncStream.makeStream(of: String.self)
        let task = Task {
            defer { continuation.finish() }
            try await server.run(signals: false) { continuation.yield($0) }
        }
        var iterator = urls.makeAsyncIterator()
        guard let url = await iterator.next() else {
            try await task.value
            throw CancellationError()
        }
        self.url = url
        self.task = task
        Cleanup.add { [folder] in
            task.cancel()
            _ = await task.result
            try? FileManager.default.removeItem(at: folder)
        }
    }

    /// Ends the server, and waits for it.
    func stop() async {
        task.cancel()
        _ = await task.result
    }

    /// Changes the file of a config, and waits until it is served.
    func set(_ id: String, _ json: String) async throws {
        let before = server.configs[id]?.document?.number ?? 0
        try Data(json.utf8).write(to: folder.appending(path: "\(id).json"), options: .atomic)
        await eventually("the file is read") { (self.server.configs[id]?.document?.number ?? 0) > before }
    }

    struct Response: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: String
    }

    func request(
        _ method: HTTPMethod, _ path: String, body: String? = nil, headers: [String: String] = [:]
    ) async throws -> Response {
        try await request(method, path, bytes: body.map { Array($0.utf8) }, headers: headers)
    }

    func request(
        _ method: HTTPMethod, _ path: String, bytes: [UInt8]?, headers: [String: String] = [:]
    ) async throws -> Response {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let bytes { request.body = .bytes(ByteBuffer(bytes: bytes)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(600))
        let body = try await response.body.collect(upTo: 1 << 26)
        return Response(status: Int(response.status.code), headers: response.headers, body: String(buffer: body))
    }

    func post(_ path: String, _ body: String, headers: [String: String] = [:]) async throws -> Response {
        try await request(.POST, path, body: body, headers: headers)
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Response {
        try await request(.GET, path, headers: headers)
    }

    /// A stream of server-sent events that is being read.
    final class EventStream: Sendable {
        let status: Int
        let headers: HTTPHeaders
        private let text = Mutex("")
        private let hasEnded = Mutex(false)
        private let task = Mutex<Task<Void, Never>?>(nil)

        /// A client without a limit of connections.
        private static let client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: {
                var configuration = HTTPClient.Configuration()
                configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 10_000
                return configuration
            }())

        init(_ url: String) async throws {
            let response = try await Self.client.execute(HTTPClientRequest(url: url), timeout: .hours(1))
            status = Int(response.status.code)
            headers = response.headers
            task.withLock {
                $0 = Task { [weak self] in
                    do {
                        for try await part in response.body {
                            self?.text.withLock { $0 += String(buffer: part) }
                        }
                    } catch {}
                    self?.hasEnded.withLock { $0 = true }
                }
            }
        }

        deinit { task.withLock { $0?.cancel() } }

        /// Everything that has arrived.
        var content: String { text.withLock { $0 } }
        /// The events that have arrived completely, without heartbeats.
        var events: [String] {
            content.components(separatedBy: "\n\n").dropLast().filter { $0.hasPrefix("data: ") }
                .map { String($0.dropFirst(6)) }
        }
        var isEnded: Bool { hasEnded.withLock { $0 } }
        func close() { task.withLock { $0?.cancel() } }
    }

    func events(_ path: String) async throws -> EventStream { try await EventStream(url + path) }
}

/// Returns an SDK key that no other test has, because clients are shared by SDK key.
func newSDKKey() -> String {
    let digits = UUID().uuidString.replacing("-", with: "")
    return "configcat-sdk-1/SECRET\(digits.prefix(16))/\(digits.suffix(22))"
}

/// Returns Base64 for paths.
func base64(_ json: String) -> String {
    Data(json.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}
