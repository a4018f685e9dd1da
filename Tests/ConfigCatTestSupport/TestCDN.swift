import NIOCore
package import NIOHTTP1
import NIOPosix
package import NIOSSL
import Synchronization

/// A CDN on loopback that sends the responses that a test chooses, valid or not.
package final class TestCDN: Sendable {
    package enum Answer: Sendable {
        /// A config with its ETag; status 304 if the client has it.
        case config(String, eTag: String)
        case response(status: Int, headers: [String: String] = [:], body: [UInt8] = [])
        /// A response that ends before the announced length.
        case truncated(body: [UInt8], length: Int)
        /// No response, on a connection that stays open.
        case stall
        /// No response: the connection is closed.
        case drop
    }

    package struct Request: Sendable {
        package var path: String
        package var headers: HTTPHeaders
    }

    /// The state that the server and its connections share.
    private final class Shared: Sendable {
        let state: Mutex<(answer: Answer, requests: [Request])>

        init(_ answer: Answer) { state = Mutex((answer, [])) }

        func answer(_ head: HTTPRequestHead) -> Answer {
            state.withLock { state in
                state.requests.append(Request(path: head.uri, headers: head.headers))
                return state.answer
            }
        }
    }

    private let shared: Shared
    private let channel: any Channel

    package init(_ answer: Answer, tls: NIOSSLContext? = nil) async throws {
        let shared = Shared(answer)
        self.shared = shared
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()), name: "decoder")
                    try pipeline.addHandler(Handler(shared))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        Cleanup.add { [channel] in try? await channel.close() }
    }

    package var port: Int { channel.localAddress?.port ?? 0 }
    package var url: String { "http://127.0.0.1:\(port)" }
    package var requests: [Request] { shared.state.withLock { $0.requests } }

    /// Changes the response to all further requests.
    package func set(_ answer: Answer) { shared.state.withLock { $0.answer = answer } }

    package func stop() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = ByteBuffer

        private let shared: Shared
        private var head: HTTPRequestHead?

        init(_ shared: Shared) { self.shared = shared }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body: break
            case .end:
                if let head { perform(shared.answer(head), head, context) }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        private func perform(_ answer: Answer, _ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
            if request.method == .CONNECT, case .config = answer { return tunnel(context) }
            switch answer {
            case .config(let json, let eTag):
                if !eTag.isEmpty, request.headers.first(name: "If-None-Match") == eTag {
                    write(304, ["ETag": eTag], [], nil, context)
                } else {
                    write(200, eTag.isEmpty ? [:] : ["ETag": eTag], Array(json.utf8), nil, context)
                }
            case .response(let status, let headers, let body): write(status, headers, body, nil, context)
            case .truncated(let body, let length):
                write(200, [:], body, length, context)
                context.close(promise: nil)
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
            _ status: Int, _ headers: [String: String], _ body: [UInt8], _ length: Int?,
            _ context: ChannelHandlerContext
        ) {
            var text = "HTTP/1.1 \(status) Status\r\n"
            for (name, value) in headers { text += "\(name): \(value)\r\n" }
            if status != 304 { text += "Content-Length: \(length ?? body.count)\r\n" }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: Array((text + "\r\n").utf8) + body)), promise: nil)
        }
    }
}

/// The parts of gzip (RFC 1952) that tests need.
package enum Gzip {
    /// Returns bytes in a stored block.
    package static func stored(_ body: [UInt8]) -> [UInt8] {
        let length = UInt16(truncatingIfNeeded: body.count)
        return header + [0x01] + bytes(length) + bytes(~length) + body + bytes(crc32(body)) + bytes(UInt32(body.count))
    }

    /// Returns megabytes of spaces in few bytes: one space, and copies of 258 spaces that take 13 bits each.
    package static func bomb(megabytes: Int) -> [UInt8] {
        let copies = megabytes << 20 / 258
        var output: [UInt8] = []
        var bit = 0
        func put(_ value: Int, _ count: Int) {
            for index in (0..<count).reversed() {
                if bit == 0 { output.append(0) }
                if value >> index & 1 == 1 { output[output.count - 1] |= 1 << bit }
                bit = (bit + 1) & 7
            }
        }
        put(1, 1)  // the last block
        put(0b10, 2)  // of fixed codes, its bits from the least significant
        put(0x30 + 0x20, 8)  // a space
        for _ in 0..<copies { put(0b1100_0101_00000, 13) }  // length 258, distance 1
        put(0, 7)  // the end
        return header + output + [0, 0, 0, 0, 0, 0, 0, 0]
    }

    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func crc32(_ body: [UInt8]) -> UInt32 {
        ~body.reduce(~UInt32(0)) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
    }
}
