import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import ConfigCatServing

@Suite("Handlers that close connections")
struct ConnectionHandlersTests {
    private static let head = HTTPRequestPart.head(
        HTTPRequest(method: .post, scheme: "http", authority: "a", path: "/"))

    private static func channel(_ handler: any ChannelHandler) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(handler)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    @Test("a request that arrives a byte at a time closes its connection after a minute")
    func trickle() throws {
        let channel = try Self.channel(SlowRequestHandler())
        channel.embeddedEventLoop.advanceTime(by: .seconds(50))
        try channel.writeInbound(Self.head)
        for _ in 0..<6 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(9))
            #expect(channel.isActive)
            try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: " ")))
        }
        channel.embeddedEventLoop.advanceTime(by: .seconds(20))
        #expect(!channel.isActive)
    }

    @Test("a client that never sends a whole head, and one whose early response is sent, are closed, too")
    func neverWhole() throws {
        let silent = try Self.channel(SlowRequestHandler())
        silent.embeddedEventLoop.advanceTime(by: .seconds(71))
        #expect(!silent.isActive)
        let refused = try Self.channel(SlowRequestHandler())
        try refused.writeInbound(Self.head)
        try refused.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .contentTooLarge)))
        try refused.writeOutbound(HTTPResponsePart.end(nil))
        refused.embeddedEventLoop.advanceTime(by: .seconds(71))
        #expect(!refused.isActive)
    }

    @Test("a stream of events stays open, and so does a connection with a request now and then")
    func patient() throws {
        let stream = try Self.channel(SlowRequestHandler())
        try stream.writeInbound(Self.head)
        try stream.writeInbound(HTTPRequestPart.end(nil))
        try stream.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
        stream.embeddedEventLoop.advanceTime(by: .hours(5))
        #expect(stream.isActive)
        try stream.close().wait()
        let other = try Self.channel(SlowRequestHandler())
        for _ in 0..<5 {
            other.embeddedEventLoop.advanceTime(by: .seconds(50))
            try other.writeInbound(Self.head)
            try other.writeInbound(HTTPRequestPart.end(nil))
            try other.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
            try other.writeOutbound(HTTPResponsePart.end(nil))
        }
        #expect(other.isActive)
        try other.close().wait()
    }

    @Test("a connection that is still open some seconds after the shutdown began is closed")
    func shutdown() throws {
        let channel = try Self.channel(ShutdownDeadlineHandler())
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        channel.embeddedEventLoop.advanceTime(by: .seconds(4))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!channel.isActive)
    }
}
