import CHiredis
import NIOCore

/// hiredis's parser: bytes in, replies out. It belongs to one thread.
final class RedisReplyReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private var unreadBytes = 0

    /// The longest reply: an entry of 32 MiB, with room to spare.
    private static let replyLimit = 64 << 20
    /// Up to this size, hiredis's buffer is kept for the next reply.
    private static let keptBuffer = 1 << 20

    /// Nil if memory is used up.
    init?() {
        guard let reader = redisReaderCreate() else { return nil }
        reader.pointee.maxbuf = Self.keptBuffer
        self.reader = reader
    }

    deinit { redisReaderFree(reader) }

    /// Takes bytes from the server.
    func feed(_ buffer: ByteBuffer) throws(RedisCacheError) {
        unreadBytes += buffer.readableBytes
        guard unreadBytes <= Self.replyLimit else {
            throw RedisCacheError(.notRedis, "the server's reply is longer than \(Self.replyLimit) bytes")
        }
        let result = buffer.withUnsafeReadableBytes {
            redisReaderFeed(reader, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard result == REDIS_OK else { throw failure() }
    }

    /// The next whole reply; nil if there is none yet.
    func next() throws(RedisCacheError) -> RedisReply? {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw failure() }
        guard let object else { return nil }
        defer { freeReplyObject(object) }
        unreadBytes = 0
        return RedisReply(object.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private func failure() -> RedisCacheError {
        let reason = withUnsafeBytes(of: reader.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return RedisCacheError(.notRedis, "what answers is not a Redis server: \(reason)")
    }
}
