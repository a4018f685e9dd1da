import ConfigCatTestSupport
import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A TCP connection that sends what a test says, and keeps everything that arrives.
final class RawClient: Sendable {
    private let channel: any Channel
    private let collector: Collector

    /// Connects to a server on loopback, and sends a text.
    ///
    /// - Parameters:
    ///   - port: The server's port.
    ///   - text: The text.
    ///   - isReading: Whether what arrives is read.
    /// - Throws: An error of SwiftNIO if the server cannot be reached.
    init(port: Int, sending text: String = "", isReading: Bool = true) async throws {
        let collector = Collector()
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: isReading)
            .channelInitializer { $0.pipeline.addHandler(collector) }
        if !isReading { bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: 4096) }
        let channel = try await bootstrap.connect(host: "127.0.0.1", port: port).get()
        self.channel = channel
        self.collector = collector
        Cleanup.add { try? await channel.close() }
        if !text.isEmpty { try await send(text) }
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    func close() async throws { try await channel.close() }

    var received: String { collector.text.withLock { $0 } }
    var isClosed: Bool { !channel.isActive }

    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        let text = Mutex("")

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let part = String(buffer: unwrapInboundIn(data))
            text.withLock { $0 += part }
        }
    }
}

extension RelayServer {
    var port: Int { URL(string: url)?.port ?? 0 }
}
