import NIOCore

/// Closes a connection that is still open some seconds after the server began to shut down, so that no client that reads
/// or writes slowly can prevent the end.
final class ShutdownDeadlineHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    /// How long requests may take to end.
    static let seconds = 5

    private var deadline: Scheduled<Void>?

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, deadline == nil {
            deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(Int64(Self.seconds))) {
                context.close(promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
    }
}
