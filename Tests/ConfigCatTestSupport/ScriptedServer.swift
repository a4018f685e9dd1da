import NIOCore
import NIOPosix
import Synchronization

/// A TCP server on loopback that sends the responses that a test chooses, and counts connections.
package final class ScriptedServer: Sendable {
    package enum Answer: Sendable {
        case text(String)
        case textThenClose(String)
        /// The first piece, and then the other one again and again.
        case endless(first: String, then: String)
        case silence
        case close
    }

    private let channel = Mutex<(any Channel)?>(nil)
    private let count = Atomic<Int>(0)
    private let sent = Atomic<Int>(0)

    /// The number of bytes of endless responses that the kernel has accepted so far.
    package var endlessBytes: Int { sent.load(ordering: .relaxed) }
    /// The number of connections so far.
    package var connections: Int { count.load(ordering: .relaxed) }
    package var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }
    package var host: String { "127.0.0.1:\(port)" }

    /// Starts a server on a free port. `onConnect` is its response to a new connection; `answer` returns the response
    /// to bytes that were received in one piece.
    package init(
        onConnect: Answer = .silence, answer: @escaping @Sendable (String) -> Answer = { _ in .silence }
    ) async throws {
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [weak self] client in
                self?.count.add(1, ordering: .relaxed)
                let onSent = { @Sendable [weak self] (count: Int) in
                    guard let self else { return }
                    sent.add(count, ordering: .relaxed)
                }
                return client.eventLoop.makeCompletedFuture {
                    try client.pipeline.syncOperations.addHandler(
                        Script(onConnect: onConnect, onSent: onSent, answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = bound }
    }

    deinit { channel.withLock { $0?.close(promise: nil) } }

    private final class Script: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let onConnect: Answer
        private let onSent: @Sendable (Int) -> Void
        private let answer: @Sendable (String) -> Answer

        init(
            onConnect: Answer, onSent: @escaping @Sendable (Int) -> Void,
            answer: @escaping @Sendable (String) -> Answer
        ) {
            self.onConnect = onConnect
            self.onSent = onSent
            self.answer = answer
        }

        func channelActive(context: ChannelHandlerContext) { perform(onConnect, context) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            perform(answer(String(buffer: unwrapInboundIn(data))), context)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func perform(_ answer: Answer, _ context: ChannelHandlerContext) {
            switch answer {
            case .text(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            case .textThenClose(let text):
                let channel = context.channel
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text))).whenComplete { _ in
                    channel.close(promise: nil)
                }
            case .endless(let first, let then): sendEndlessly(first, then, context)
            case .silence: break
            case .close: context.close(promise: nil)
            }
        }

        /// Sends a piece whenever the kernel has accepted the previous one, until the client closes the connection.
        private func sendEndlessly(_ piece: String, _ next: String, _ context: ChannelHandlerContext) {
            let sender = context.loopBound
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: piece))).assumeIsolated().whenSuccess {
                self.onSent(piece.utf8.count)
                // Called later, because a write that succeeds at once would otherwise recurse without end.
                context.eventLoop.assumeIsolated().execute { self.sendEndlessly(next, next, sender.value) }
            }
        }
    }
}
