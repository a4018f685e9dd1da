import NIOCore

@testable import ConfigCatRedisCache

/// Reads the input as the data that a Redis server sends, and also builds replies from it.
enum RedisFuzzing {
    static func run(_ input: [UInt8]) {
        var reader = InputReader(input)
        let sizes = (0..<4).map { _ in Int(reader.byte()) + 1 }
        checkPieces(reader.remainder(), sizes)
        checkReplies(input, sizes)
        checkErrorReply(String(decoding: input, as: UTF8.self))
        checkCommand(input)
    }

    /// Returns the replies in a stream of bytes; nil if the stream is invalid.
    private static func replies(_ bytes: [UInt8], pieces sizes: [Int]) -> [RedisReply]? {
        guard let reader = RedisReplyReader() else { return nil }
        var replies: [RedisReply] = []
        var rest = bytes[...]
        var piece = 0
        do throws(RedisCacheError) {
            repeat {
                let size = sizes[piece % sizes.count]
                try reader.feed(ByteBuffer(bytes: rest.prefix(size)))
                rest = rest.dropFirst(size)
                piece += 1
                while let reply = try reader.next() { replies.append(reply) }
            } while !rest.isEmpty
            return replies
        } catch {
            require(error.code == .notRedis, "an invalid stream is reported as not being Redis")
            return nil
        }
    }

    private static func checkPieces(_ stream: [UInt8], _ sizes: [Int]) {
        let whole = withinASecond("reading the whole") { replies(stream, pieces: [max(1, stream.count)]) }
        require(replies(stream, pieces: sizes) == whole, "replies do not depend on the pieces")
        require(replies(stream, pieces: [1]) == whole, "replies are the same if read byte by byte")
        for reply in whole ?? [] { _ = RedisMessage(reply) }
    }

    // MARK: - Built replies

    private static func checkReplies(_ input: [UInt8], _ sizes: [Int]) {
        var reader = InputReader(input)
        var elements = 0
        let sent = (0..<reader.number(below: 5) + 1).map { _ in reply(&reader, depth: 0, &elements) }
        let stream = sent.flatMap(bytes)
        require(replies(stream, pieces: sizes) == sent, "replies are read as they were sent: \(sent)")
        if let last = stream.last {
            require(last == UInt8(ascii: "\n"), "a reply ends with a line break")
            let cut = replies(Array(stream.dropLast()), pieces: sizes)
            require(cut == Array(sent.dropLast()), "an incomplete reply is not returned")
        }
    }

    private static func reply(_ reader: inout InputReader, depth: Int, _ elements: inout Int) -> RedisReply {
        switch reader.number(below: 7) {
        case 0: return .null
        case 1: return .integer(Int64(bitPattern: reader.bits()))
        case 2: return .string(reader.string(below: 40))
        case 3: return .string(reader.choice(["OK", "", "\r\n", "*1\r\n", "message", "a\r", "$-1\r\n"]))
        case 4: return .error(RedisErrorReply(reader.choice(["ERR x", "MOVED 1 h:1", "ASK 1 :2", "LOADING"])))
        case 5 where depth < RedisReplyScanner.depthLimit:
            // The total is limited, because nested lists multiply.
            let count = min(reader.number(below: 6), 100 - elements)
            elements += max(0, count)
            return .array((0..<max(0, count)).map { _ in reply(&reader, depth: depth + 1, &elements) })
        default: return .invalidText
        }
    }

    private static func bytes(_ reply: RedisReply) -> [UInt8] {
        switch reply {
        case .null: "$-1\r\n".bytes
        case .integer(let number): ":\(number)\r\n".bytes
        case .string(let text): "$\(text.utf8.count)\r\n\(text)\r\n".bytes
        case .error(let error): "-\(error.text)\r\n".bytes
        case .invalidText: "$2\r\n".bytes + [0xC3, 0x28] + "\r\n".bytes
        case .array(let replies): "*\(replies.count)\r\n".bytes + replies.flatMap(bytes)
        }
    }

    // MARK: - Errors and commands

    private static func checkErrorReply(_ text: String) {
        let reply = RedisErrorReply(text)
        _ = reply.error("read", "server").message
        if case .moved(let host) = reply.kind { require((1...65535).contains(host.port), "a node has a port") }
        if case .ask(let host) = reply.kind { require((1...65535).contains(host.port), "a node has a port") }
    }

    /// Checks that a command is written as an array of its arguments.
    private static func checkCommand(_ input: [UInt8]) {
        var reader = InputReader(input)
        let arguments = (0..<reader.number(below: 6) + 1).map { _ in reader.string(below: 20) }
        var buffer = ByteBuffer()
        guard (try? RedisCommand(arguments: arguments).write(to: &buffer)) != nil else {
            return require(false, "the command \(arguments) can be written")
        }
        let expected = RedisReply.array(arguments.map { .string($0) })
        require(replies(Array(buffer: buffer), pieces: [7]) == [expected], "the command \(arguments) is read again")
    }
}
