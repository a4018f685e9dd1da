import NIOCore
import NIOHTTP1

/// A connection of a scripted CDN. It writes bytes, because a valid encoder would repair the responses that tests want.
final class ScriptedCDNHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let script: CDNScript
    private var head: HTTPRequestHead?

    init(_ script: CDNScript) { self.script = script }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            let response = script.response(to: head)
            guard response.delay > .zero else { return perform(response, head, context) }
            let delay = TimeAmount.nanoseconds(Int64(response.delay / .nanoseconds(1)))
            context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
                if context.channel.isActive { self.perform(response, head, context) }
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func perform(_ response: ScriptedCDN.Response, _ request: HTTPRequestHead, _ context: ChannelHandlerContext)
    {
        switch response.content {
        case .config where request.method == .CONNECT:
            tunnel(context)
        case .config(let body, let eTag):
            let headers = eTag.isEmpty ? [] : [(name: "ETag", value: eTag)]
            if !eTag.isEmpty, request.headers.first(name: "If-None-Match") == eTag {
                write(304, headers, [], 0, context)
            } else {
                write(200, headers, body, body.count, context)
            }
        case .response(let status, let headers, let body, let length):
            write(status, headers, body, length, context)
            if length > body.count { context.close(promise: nil) }
        case .stall: break
        case .drop: context.close(promise: nil)
        }
    }

    /// Responds to CONNECT as a proxy does, and then to requests as the host does.
    private func tunnel(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline
        pipeline.removeHandler(name: "decoder").assumeIsolated().whenSuccess {
            let decoder = ByteToMessageHandler(HTTPRequestDecoder())
            try? pipeline.syncOperations.addHandler(decoder, name: "decoder", position: .before(self))
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n")), promise: nil)
        }
    }

    private func write(
        _ status: Int, _ headers: [(name: String, value: String)], _ body: [UInt8], _ length: Int,
        _ context: ChannelHandlerContext
    ) {
        var text = "HTTP/1.1 \(status) Status\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if status != 304 { text += "Content-Length: \(length)\r\n" }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: Array((text + "\r\n").utf8) + body)), promise: nil)
    }
}
