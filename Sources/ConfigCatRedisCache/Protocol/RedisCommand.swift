import ConfigCatCHiredis
import NIOCore

/// A command and its arguments.
struct RedisCommand: Sendable {
    let arguments: [String]

    init(_ arguments: String...) { self.arguments = arguments }
    init(arguments: [String]) { self.arguments = arguments }

    /// Writes the command in Redis's protocol, as hiredis formats it.
    func write(to buffer: inout ByteBuffer) throws(RedisCacheError) {
        var bytes: [UInt8] = []
        var lengths: [Int] = []
        for argument in arguments {
            bytes.append(contentsOf: argument.utf8)
            lengths.append(argument.utf8.count)
        }
        // hiredis needs an address even for an empty argument.
        bytes.append(0)
        var formatted: UnsafeMutablePointer<CChar>?
        let count = bytes.withUnsafeBytes { bytes in
            var starts: [UnsafePointer<CChar>?] = []
            var next = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            for length in lengths {
                starts.append(next)
                next = next.map { $0 + length }
            }
            return Int(redisFormatCommandArgv(&formatted, Int32(clamping: arguments.count), &starts, lengths))
        }
        guard count >= 0, let formatted else {
            throw RedisCacheError(.server, "the command \(arguments.first ?? "") cannot be formatted")
        }
        buffer.writeBytes(UnsafeRawBufferPointer(start: formatted, count: count))
        redisFreeCommand(formatted)
    }
}
