import NIOCore
import NIOPosix
import Synchronization

/// A TCP proxy on loopback that can be told to delay data or to close connections.
package final class FaultyProxy: Sendable {
    package enum Behaviour: Sendable {
        case normal
        /// Data from the server is delayed by so many milliseconds.
        case slow(Int64)
        /// The connection is closed after so many bytes from the server.
        case cut(after: Int)
    }

    private let behaviour = Mutex(Behaviour.normal)
    private let target: Int
    private let channel = Mutex<(any Channel)?>(nil)

    package init(to port: Int) async throws {
        target = port
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { [weak self] client in
                guard let self else { return client.close() }
                return self.join(client)
            }
            .bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = bound }
    }

    deinit { channel.withLock { $0?.close(promise: nil) } }

    package var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }
    /// Changes the behaviour of all connections.
    package func setBehaviour(_ new: Behaviour) { behaviour.withLock { $0 = new } }

    private func join(_ client: any Channel) -> EventLoopFuture<Void> {
        ClientBootstrap(group: client.eventLoop)
            .connect(host: "127.0.0.1", port: target)
            .flatMap { server in
                server.eventLoop.makeCompletedFuture {
                    try client.pipeline.syncOperations.addHandler(Forward(to: server) { .normal })
                    try server.pipeline.syncOperations.addHandler(
                        Forward(to: client) { [weak self] in self?.behaviour.withLock(\.self) ?? .normal })
                }.flatMap { client.setOption(.autoRead, value: true) }
            }
    }

    private final class Forward: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let target: any Channel
        private let behaviour: @Sendable () -> Behaviour
        private var forwarded = 0

        init(to target: any Channel, behaviour: @escaping @Sendable () -> Behaviour) {
            self.target = target
            self.behaviour = behaviour
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            switch behaviour() {
            case .normal: target.writeAndFlush(bytes, promise: nil)
            case .slow(let delay):
                let (target, held) = (target, bytes)
                context.eventLoop.scheduleTask(in: .milliseconds(delay)) { target.writeAndFlush(held, promise: nil) }
            case .cut(let limit):
                let count = max(0, min(limit - forwarded, bytes.readableBytes))
                forwarded += count
                if let part = bytes.readSlice(length: count), count > 0 { target.writeAndFlush(part, promise: nil) }
                if forwarded >= limit { target.close(promise: nil) }
            }
        }

        func channelInactive(context: ChannelHandlerContext) { target.close(promise: nil) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
