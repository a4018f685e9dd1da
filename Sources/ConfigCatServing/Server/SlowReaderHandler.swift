import NIOCore

/// Closes a connection whose client does not read its responses for a while, so that they do not stay in memory.
final class SlowReaderHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private static let limit = TimeAmount.seconds(30)

    private var timeout: Scheduled<Void>?

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        timeout?.cancel()
        timeout = nil
        if !context.channel.isWritable {
            timeout = context.eventLoop.assumeIsolated().scheduleTask(in: Self.limit) { context.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timeout?.cancel()
        timeout = nil
    }
}
