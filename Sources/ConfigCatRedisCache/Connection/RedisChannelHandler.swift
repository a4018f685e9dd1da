import NIOCore
import NIOSSL

/// Sends requests, and gives each its replies, which arrive in the same order. It is used on the channel's event loop
/// only.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: String
    private let queue: RedisRequestQueue
    private let reader: RedisReplyReader
    private let onMessage: (@Sendable (RedisMessage) -> Void)?
    private var inFlight = CircularBuffer<RedisRequest>()
    private var replies: [RedisReply] = []
    private var context: ChannelHandlerContext?
    private var deadlineTask: Scheduled<Void>?

    init(
        server: String, queue: RedisRequestQueue, reader: RedisReplyReader,
        onMessage: (@Sendable (RedisMessage) -> Void)?
    ) {
        self.server = server
        self.queue = queue
        self.reader = reader
        self.onMessage = onMessage
    }

    // MARK: - Sending

    /// Sends all requests of the queue in one write.
    func drain() {
        let requests = queue.drain()
        guard let context, var bytes = requests.first?.bytes else {
            // The connection is not open yet, or has been closed.
            for request in requests { request.finish(.failure(queue.failure ?? closed)) }
            return
        }
        for request in requests.dropFirst() { bytes.writeImmutableBuffer(request.bytes) }
        inFlight.append(contentsOf: requests)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        watchDeadline(context)
    }

    /// Starts a timer for the first request, unless one is running. One timer is enough, because the oldest request is
    /// first.
    private func watchDeadline(_ context: ChannelHandlerContext) {
        guard deadlineTask == nil, let deadline = inFlight.first?.deadline else { return }
        deadlineTask = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.deadlineTask = nil
            guard let first = self.inFlight.first, let context = self.context else { return }
            if first.deadline > .now() { return self.watchDeadline(context) }
            self.fail(RedisCacheError(.timeout, "\(self.server) did not answer in time"), context)
        }
    }

    // MARK: - Receiving

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(RedisCacheError) {
            try reader.feed(unwrapInboundIn(data))
            while let reply = try reader.next() {
                if let onMessage, let message = RedisMessage(reply) {
                    onMessage(message)
                } else {
                    try take(reply)
                }
            }
        } catch {
            fail(RedisCacheError(error.code, "\(server): \(error.message)"), context)
        }
    }

    /// Gives a reply to the request it belongs to.
    private func take(_ reply: RedisReply) throws(RedisCacheError) {
        guard let request = inFlight.first else {
            throw RedisCacheError(.notRedis, "an answer arrived without a request")
        }
        replies.append(reply)
        guard replies.count == request.replyCount else { return }
        inFlight.removeFirst()
        // Make room before the sender continues, which may then send as many commands as the limit allows.
        queue.finishedOne()
        request.finish(.success(replies))
        replies.removeAll(keepingCapacity: true)
    }

    // MARK: - Ending

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(RedisCacheError(connecting: error, to: server), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(closed, context)
        context.fireChannelInactive()
    }

    private var closed: RedisCacheError { RedisCacheError(.connection, "the connection to \(server) was closed") }

    private func fail(_ error: RedisCacheError, _ context: ChannelHandlerContext) {
        let unsent = queue.fail(error)
        let failed = Array(inFlight) + unsent
        inFlight.removeAll()
        deadlineTask?.cancel()
        deadlineTask = nil
        for request in failed { request.finish(.failure(error)) }
        context.close(promise: nil)
    }
}
