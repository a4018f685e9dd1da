import ConfigCatPlatform
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import NIOPosix

/// An HTTP server that responds like ConfigCat's CDN, with ETags, status 304 and gzip.
package final class LocalCDN: Sendable {
    private let channel: any Channel

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - document: Decides what is served.
    ///   - host: The address to listen on.
    ///   - port: The port; 0 for any free port.
    /// - Throws: ``PortInUse``, or another error of SwiftNIO, if the address cannot be bound.
    package init(document: any CDNDocument, host: String, port: Int) async throws {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
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
        do {
            channel = try await bootstrap.bind(host: host, port: port).get()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw PortInUse()
        }
    }

    /// The base URL for clients.
    package var url: String {
        let address = channel.localAddress
        let host = address?.ipAddress ?? "127.0.0.1"
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(address?.port ?? 0)"
    }

    package func stop() async {
        try? await channel.close()
    }
}

/// The error of a server on whose port another program listens.
package struct PortInUse: Error {}

/// Responds to requests for the config.
private final class CDNHandler: ChannelInboundHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias OutboundOut = HTTPServerResponsePart

    private let document: any CDNDocument
    private var request: HTTPRequestHead?

    package init(document: any CDNDocument) { self.document = document }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): request = head
        case .body: break
        case .end:
            if let request { answer(request, context) }
            request = nil
        }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
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
