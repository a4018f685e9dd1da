import ConfigCatCHiredis

/// The reply of a server to one command.
enum RedisReply: Sendable, Equatable {
    /// A value, or a line such as `OK`.
    case string(String)
    case integer(Int64)
    case null
    case array([RedisReply])
    case error(RedisErrorReply)
    /// A value that is not valid UTF-8.
    case invalidText

    /// Copies a reply of hiredis.
    init(_ reply: redisReply) {
        switch reply.type {
        case REDIS_REPLY_INTEGER: self = .integer(reply.integer)
        case REDIS_REPLY_NIL: self = .null
        case REDIS_REPLY_ARRAY:
            self = .array(
                (0..<Int(reply.elements)).map { index in
                    reply.element?[index].map { RedisReply($0.pointee) } ?? .null
                })
        case REDIS_REPLY_ERROR: self = .error(RedisErrorReply(Self.text(reply) ?? "an unreadable error"))
        default: self = Self.text(reply).map { .string($0) } ?? .invalidText
        }
    }

    private static func text(_ reply: redisReply) -> String? {
        let length = Int(reply.len)
        guard let start = reply.str, length > 0 else { return "" }
        return start.withMemoryRebound(to: UInt8.self, capacity: length) {
            String(validating: UnsafeBufferPointer(start: $0, count: length), as: UTF8.self)
        }
    }
}
