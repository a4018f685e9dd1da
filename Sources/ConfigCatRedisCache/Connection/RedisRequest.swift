import ConfigCatCache
import NIOCore

/// Commands that are sent together, and the replies that a task waits for.
struct RedisRequest: Sendable {
    let bytes: ByteBuffer
    /// The number of replies to wait for.
    let replyCount: Int
    let deadline: NIODeadline
    let replies = Promise<[RedisReply]>()

    init(_ commands: [RedisCommand], timeout: TimeAmount) throws(RedisCacheError) {
        var buffer = ByteBuffer()
        for command in commands { try command.write(to: &buffer) }
        bytes = buffer
        replyCount = commands.count
        deadline = .now() + timeout
    }

    func finish(_ outcome: Result<[RedisReply], any Error>) { replies.finish(outcome) }
}
