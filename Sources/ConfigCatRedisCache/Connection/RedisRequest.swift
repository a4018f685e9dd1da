import NIOCore
import Synchronization

/// Commands on their way, and who waits for their replies. It is finished once: by the replies, a failure or the
/// cancellation of the task that waits.
final class RedisRequest: Sendable {
    typealias Outcome = Result<[RedisReply], any Error>

    private enum State {
        case new
        case waiting(CheckedContinuation<[RedisReply], any Error>)
        case finished(Outcome)
    }

    let bytes: ByteBuffer
    /// How many replies belong to it.
    let replyCount: Int
    let deadline: NIODeadline
    private let state = Mutex(State.new)

    init(_ commands: [RedisCommand], timeout: TimeAmount) throws(RedisCacheError) {
        var buffer = ByteBuffer()
        for command in commands { try command.write(to: &buffer) }
        bytes = buffer
        replyCount = commands.count
        deadline = .now() + timeout
    }

    func wait(_ continuation: CheckedContinuation<[RedisReply], any Error>) {
        let outcome = state.withLock { state -> Outcome? in
            if case .finished(let outcome) = state { return outcome }
            state = .waiting(continuation)
            return nil
        }
        if let outcome { continuation.resume(with: outcome) }
    }

    func finish(_ outcome: Outcome) {
        let continuation = state.withLock { state -> CheckedContinuation<[RedisReply], any Error>? in
            switch state {
            case .finished: return nil
            case .new:
                state = .finished(outcome)
                return nil
            case .waiting(let continuation):
                state = .finished(outcome)
                return continuation
            }
        }
        continuation?.resume(with: outcome)
    }
}
