import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection whose client does not send a whole request for a while, also if it sends a byte now and then.
final class SlowRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long a request may take to arrive, once it has begun.
    static let limit = TimeAmount.seconds(60)
    /// How often that is checked, because a timer for each request would cost more.
    static let interval = TimeAmount.seconds(10)

    private var check: Scheduled<Void>?
    private var isReading = false
    private var unanswered = 0
    /// Since when the client could have sent what is missing.
    private var start = NIODeadline.uptimeNanoseconds(0)

    func handlerAdded(context: ChannelHandlerContext) {
        start = context.eventLoop.now
        scheduleCheck(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        check?.cancel()
        check = nil
    }

    private func scheduleCheck(_ context: ChannelHandlerContext) {
        check = context.eventLoop.assumeIsolated().scheduleTask(in: Self.interval) { [self] in
            if isReading || unanswered == 0, context.eventLoop.now - start > Self.limit {
                context.close(promise: nil)
            } else {
                scheduleCheck(context)
            }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            (isReading, unanswered) = (true, unanswered + 1)
            start = context.eventLoop.now
        case .body: break
        case .end: isReading = false
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            unanswered = max(0, unanswered - 1)
            if unanswered == 0, !isReading { start = context.eventLoop.now }
        }
        context.write(data, promise: promise)
    }
}
