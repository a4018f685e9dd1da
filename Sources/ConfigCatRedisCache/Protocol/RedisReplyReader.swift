import ConfigCatCHiredis
import NIOCore

/// Turns bytes into replies, with the parser of hiredis. It is used by one thread.
///
/// hiredis gets only bytes that ``RedisReplyScanner`` has accepted, and parses only complete replies. Otherwise it
/// would allocate any size that a header announces, and scan an incomplete line again with each piece.
final class RedisReplyReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private var scanner = RedisReplyScanner()
    /// The number of complete replies that hiredis has not parsed yet.
    private var completeReplies = 0

    /// The size in bytes up to which hiredis keeps its buffer for the next reply.
    private static let keptBuffer = 1 << 20

    /// Creates a reader; nil if there is not enough memory.
    init?() {
        guard let reader = redisReaderCreate() else { return nil }
        reader.pointee.maxbuf = Self.keptBuffer
        self.reader = reader
    }

    deinit { redisReaderFree(reader) }

    /// Takes bytes from the server.
    func feed(_ buffer: ByteBuffer) throws(RedisCacheError) {
        let result = try buffer.withUnsafeReadableBytes { bytes throws(RedisCacheError) in
            completeReplies += try scanner.scan(bytes)
            return redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard result == REDIS_OK else { throw failure() }
    }

    /// Returns the next complete reply; nil if there is none yet.
    func next() throws(RedisCacheError) -> RedisReply? {
        guard completeReplies > 0 else { return nil }
        completeReplies -= 1
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK, let object else { throw failure() }
        defer { freeReplyObject(object) }
        return RedisReply(object.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private func failure() -> RedisCacheError {
        let reason = withUnsafeBytes(of: reader.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return RedisCacheError(.notRedis, "the server is not a Redis server: \(reason)")
    }
}
