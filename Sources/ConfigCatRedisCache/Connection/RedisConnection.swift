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
    /// The time after which a connection counts as good, even if no command has been carried out.
    private static let provingTime = Duration.seconds(1)

    /// Opens a connection, with TLS if there is a context. It sends no commands yet.
    ///
    /// - Parameters:
    ///   - address: The server.
    ///   - options: The timeouts and limits.
    ///   - tls: The certificates and keys; nil for no TLS.
    ///   - onMessage: Called for each message in the channels that this connection subscribes to.
    /// - Returns: The open connection.
    /// - Throws: ``RedisCacheError`` if the server cannot be reached in time, or TLS fails.
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
            // An entry often has 100 kB and more: read it in few pieces.
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 16384, maximum: 1 << 20)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let reader = RedisReplyReader() else {
                        throw RedisCacheError(.connection, "out of memory")
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

    /// The error that ended the connection; nil while it is open.
    var failure: RedisCacheError? { queue.failure }

    /// Whether the server has carried out a command on this connection.
    var hasServed: Bool { served.load(ordering: .relaxed) }

    /// Whether the server has carried out a command, or the connection has lasted for a second. Otherwise its end
    /// counts as a failed attempt to connect, because any server can accept connections.
    var isProven: Bool { hasServed || ContinuousClock.now - connected > Self.provingTime }

    /// Notes that the server has carried out a command.
    func prove() { served.store(true, ordering: .relaxed) }

    /// Sends commands one after the other, and returns their replies.
    ///
    /// - Parameters:
    ///   - commands: The commands.
    ///   - limit: How long to wait for all replies; the command timeout by default.
    /// - Returns: One reply for each command, in the same order.
    /// - Throws: ``RedisCacheError`` if the connection breaks or is too slow; `CancellationError`.
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

    /// Waits until the connection is closed. Cancelling the task closes it.
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
