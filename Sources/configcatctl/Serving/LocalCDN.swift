import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import NIOPosix

/// What a CDN serves, and hears of.
protocol CDNDocument: Sendable {
    /// What is served to a path now; nil for no answer at all.
    func content(for path: String) -> ServedDocument.Content?
    func answered(_ request: HTTPRequestHead, path: String, status: Int)
}

/// An HTTP server that answers like ConfigCat's CDN: ETag, 304, gzip.
final class LocalCDN: Sendable {
    private let channel: any Channel

    init(document: any CDNDocument, host: String, port: Int) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(HTTPResponseCompressor())
                    try pipeline.addHandler(CDNHandler(document: document))
                }
            }
            .bind(host: host, port: port).get()
    }

    var url: String {
        let address = channel.localAddress
        let host = address?.ipAddress ?? "127.0.0.1"
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(address?.port ?? 0)"
    }

    func stop() async {
        try? await channel.close()
    }
}

/// Answers requests for the config.
private final class CDNHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let document: any CDNDocument
    private var request: HTTPRequestHead?

    init(document: any CDNDocument) { self.document = document }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): request = head
        case .body: break
        case .end:
            if let request { answer(request, context) }
            request = nil
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = String(request.uri.prefix { $0 != "?" })
        let isConfig = path.contains("/configuration-files/") && path.hasSuffix("/config_v6.json")
        guard let content = document.content(for: path) else { return }
        var headers: HTTPHeaders = ["Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"]
        var body: [UInt8] = []
        let status: HTTPResponseStatus
        if content.isUnavailable {
            status = .serviceUnavailable
        } else if !isConfig {
            status = .notFound
        } else if request.method != .GET {
            status = .methodNotAllowed
        } else if request.headers[canonicalForm: "If-None-Match"].contains(where: { $0 == content.eTag }) {
            status = .notModified
            headers.add(name: "ETag", value: content.eTag)
        } else {
            status = .ok
            body = content.body
            headers.add(name: "ETag", value: content.eTag)
            headers.add(name: "Content-Type", value: "application/json")
        }
        headers.add(name: "Content-Length", value: "\(body.count)")
        let head = HTTPResponseHead(version: request.version, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !request.isKeepAlive { context.close(promise: nil) }
        document.answered(request, path: path, status: Int(status.code))
    }
}
