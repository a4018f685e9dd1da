import ConfigCatCache
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// One connection to a server. Commands are pipelined: they do not wait for each other's answers.
final class RedisConnection: Sendable {
    let address: RedisAddress
    var server: String { address.description }
    private let channel: any Channel
    private let handler: NIOLoopBound<RedisChannelHandler>
    private let queue: RedisRequestQueue
    private let timeout: TimeAmount
    private let connected = ContinuousClock.now
    private let served = Atomic<Bool>(false)
    /// How long a connection has to last to count as good, whatever it was used for.
    private static let provingTime = Duration.seconds(1)

    /// Connects, encrypted if there is a context. Nothing is sent yet.
    ///
    /// - Parameters:
    ///   - address: The server.
    ///   - options: The timeouts and limits.
    ///   - tls: What to trust; nil for no TLS.
    ///   - onMessage: Takes what is published to the channels that this connection subscribes to.
    static func connect(
        to address: RedisAddress, options: RedisCacheOptions, tls: NIOSSLContext?,
        onMessage: (@Sendable (RedisMessage) -> Void)? = nil
    ) async throws(RedisCacheError) -> RedisConnection {
        let server = address.description
        let queue = RedisRequestQueue(limit: options.maximumQueuedCommands)
        let group = options.eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(TimeAmount(options.connectTimeout))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            // An entry has 100 kB and more: read it in few pieces.
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 16384, maximum: 1 << 20)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let reader = RedisReplyReader() else {
                        throw RedisCacheError(.connection, "memory is used up")
                    }
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: address.tlsName))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        RedisChannelHandler(server: server, queue: queue, reader: reader, onMessage: onMessage))
                }
            }
        do {
            let channel =
                switch address {
                case .host(let host): try await bootstrap.connect(host: host.name, port: host.port).get()
                case .socket(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
                }
            let handler = try await channel.eventLoop.submit {
                NIOLoopBound(
                    try channel.pipeline.syncOperations.handler(type: RedisChannelHandler.self),
                    eventLoop: channel.eventLoop)
            }.get()
            return RedisConnection(address, channel, handler, queue, TimeAmount(options.commandTimeout))
        } catch {
            throw RedisCacheError(connecting: error, to: server)
        }
    }

    private init(
        _ address: RedisAddress, _ channel: any Channel, _ handler: NIOLoopBound<RedisChannelHandler>,
        _ queue: RedisRequestQueue, _ timeout: TimeAmount
    ) {
        self.address = address
        self.channel = channel
        self.handler = handler
        self.queue = queue
        self.timeout = timeout
    }

    deinit { channel.close(promise: nil) }

    var isOpen: Bool { failure == nil }

    /// Why the connection ended; nil while it is open.
    var failure: RedisCacheError? { queue.failure }

    /// Whether the server has carried out a command here.
    var hasServed: Bool { served.load(ordering: .relaxed) }

    /// Whether the connection has been of use or has lasted. Without that, its end is a failed attempt to connect: any
    /// server can accept connections.
    var isProven: Bool { hasServed || ContinuousClock.now - connected > Self.provingTime }

    /// Notes that the server has carried out a command.
    func prove() { served.store(true, ordering: .relaxed) }

    /// Sends commands one behind the other, and returns their replies.
    ///
    /// - Parameters:
    ///   - commands: The commands.
    ///   - limit: How long to wait for all replies; the command timeout by default.
    /// - Throws: `RedisCacheError` if the connection breaks or is too slow; `CancellationError`.
    func send(_ commands: [RedisCommand], within limit: TimeAmount? = nil) async throws -> [RedisReply] {
        let request = try RedisRequest(commands, timeout: limit ?? timeout)
        return try await request.replies.value {
            do throws(RedisCacheError) {
                if try queue.add(request) { channel.eventLoop.execute { [handler] in handler.value.drain() } }
            } catch {
                request.finish(.failure(error))
            }
        }
    }

    func send(_ command: RedisCommand) async throws -> RedisReply {
        try await send([command]).first ?? .null
    }

    /// Returns when the connection is gone. Cancelling the task closes it.
    func waitUntilClosed() async {
        await withTaskCancellationHandler {
            try? await channel.closeFuture.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    func close() async {
        try? await channel.close().get()
    }
}
