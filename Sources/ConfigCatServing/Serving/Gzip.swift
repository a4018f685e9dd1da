import ConfigCatCZlib
import NIOCore

/// Compression in the gzip format (RFC 1952).
enum Gzip {
    /// Returns bytes as one gzip member; nil if zlib has no memory.
    static func compress(_ bytes: [UInt8]) -> ByteBuffer? {
        var stream = z_stream()
        // 16 is added to the window's size to get gzip's header in place of zlib's.
        let opened = deflateInit2_(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard opened == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        guard let size = UInt32(exactly: bytes.count) else { return nil }
        let bound = Int(deflateBound(&stream, UInt(size)))
        guard let room = UInt32(exactly: bound) else { return nil }
        var buffer = ByteBuffer()
        let isComplete = bytes.withUnsafeBufferPointer { input in
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.avail_in = size
            return buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { output in
                stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.avail_out = room
                return deflate(&stream, Z_FINISH) == Z_STREAM_END ? bound - Int(stream.avail_out) : 0
            } > 0
        }
        return isComplete ? buffer : nil
    }
}
