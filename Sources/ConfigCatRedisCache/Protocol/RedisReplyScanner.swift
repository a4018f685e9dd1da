/// Finds the ends of replies in bytes that arrive in pieces, and refuses replies that a Redis server never sends to
/// this client, before memory is allocated for them.
///
/// Each byte of a line is read once; the payload of a bulk string is skipped by its length.
struct RedisReplyScanner: Sendable {
    /// The longest reply in bytes: an entry of 32 MiB, with room to spare.
    static let replyLimit = 64 << 20
    /// The longest line in bytes: a status, an error, a number or a length.
    static let lineLimit = 64 << 10
    /// The maximum number of elements in all arrays of one reply.
    static let elementLimit = 4096
    /// The maximum depth of nested arrays, which is the limit of hiredis.
    static let depthLimit = 7

    private enum Position {
        case startOfElement
        case line(RedisReplyLine)
        /// Within a bulk string and its line ending.
        case payload(bytesLeft: Int)
    }

    private var position = Position.startOfElement
    /// The number of missing elements of each array around the position, the outermost first.
    private var missing: [Int] = []
    private var elements = 0
    private var bytes = 0

    /// Reads the next bytes.
    ///
    /// - Returns: The number of replies that end in these bytes.
    /// - Throws: ``RedisCacheError`` with the code ``RedisCacheError/Code/notRedis`` if a reply is refused. The
    ///   connection cannot be used after that.
    mutating func scan(_ buffer: UnsafeRawBufferPointer) throws(RedisCacheError) -> Int {
        var completed = 0
        var index = buffer.startIndex
        while index < buffer.endIndex {
            switch position {
            case .startOfElement:
                position = .line(try RedisReplyLine(firstByte: buffer[index]))
                try reserve(1)
                index += 1
            case .line(var line):
                let isAtEnd = try line.append(buffer[index])
                position = .line(line)
                try reserve(1)
                index += 1
                if isAtEnd, try endsElement(line), endElement() { completed += 1 }
            case .payload(let left):
                let count = min(left, buffer.endIndex - index)
                position = .payload(bytesLeft: left - count)
                index += count
                if count == left, endElement() { completed += 1 }
            }
        }
        return completed
    }

    /// Returns whether an element ends with its first line; otherwise, moves on to what follows it.
    private mutating func endsElement(_ line: RedisReplyLine) throws(RedisCacheError) -> Bool {
        switch line.kind {
        case .bulk(let length):
            // A null has no payload.
            guard length >= 0 else { return true }
            try reserve(length + 2)
            position = .payload(bytesLeft: length + 2)
            return false
        case .array(let count):
            guard count > 0 else { return true }
            guard count <= Self.elementLimit - elements else {
                throw .refusedReply("it has more than \(Self.elementLimit) elements")
            }
            guard missing.count < Self.depthLimit else {
                throw .refusedReply("its arrays are nested deeper than \(Self.depthLimit)")
            }
            elements += count
            missing.append(count)
            position = .startOfElement
            return false
        case .text: return true
        }
    }

    /// Counts bytes of the reply before they have arrived.
    private mutating func reserve(_ count: Int) throws(RedisCacheError) {
        guard count <= Self.replyLimit - bytes else {
            throw .refusedReply("it is longer than \(Self.replyLimit) bytes")
        }
        bytes += count
    }

    /// Ends an element, and each array that ends with it. Returns whether this ends the reply.
    private mutating func endElement() -> Bool {
        position = .startOfElement
        while let left = missing.popLast() {
            if left > 1 {
                missing.append(left - 1)
                return false
            }
        }
        (elements, bytes) = (0, 0)
        return true
    }
}

/// The first line of an element of a reply, which is read byte by byte.
struct RedisReplyLine: Sendable {
    enum Kind: Sendable, Equatable {
        /// A status, an error or a number.
        case text
        /// A bulk string with its length in bytes, -1 for null.
        case bulk(length: Int)
        /// An array with its number of elements, -1 for null.
        case array(count: Int)
    }

    private let firstByte: UInt8
    private var byteCount = 1
    private var endsWithCR = false
    private var digits = 0
    private var isNegative = false
    private var number = 0

    init(firstByte: UInt8) throws(RedisCacheError) {
        switch firstByte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "$"), UInt8(ascii: "*"): break
        default: throw .refusedReply("it begins with the byte \(firstByte)")
        }
        self.firstByte = firstByte
    }

    var kind: Kind {
        let value = isNegative ? -number : number
        return switch firstByte {
        case UInt8(ascii: "$"): .bulk(length: value)
        case UInt8(ascii: "*"): .array(count: value)
        default: .text
        }
    }

    private var isLength: Bool { firstByte == UInt8(ascii: "$") || firstByte == UInt8(ascii: "*") }

    /// Adds a byte, and returns whether the line ends with it.
    mutating func append(_ byte: UInt8) throws(RedisCacheError) -> Bool {
        byteCount += 1
        guard byteCount <= RedisReplyScanner.lineLimit else {
            throw .refusedReply("a line is longer than \(RedisReplyScanner.lineLimit) bytes")
        }
        if endsWithCR, byte == UInt8(ascii: "\n") {
            guard !isLength || digits > 0 && (!isNegative || number == 1) else {
                throw .refusedReply("a length is invalid")
            }
            return true
        }
        if isLength { try appendToLength(byte) }
        endsWithCR = byte == UInt8(ascii: "\r")
        return false
    }

    private mutating func appendToLength(_ byte: UInt8) throws(RedisCacheError) {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9") where !endsWithCR && number <= RedisReplyScanner.replyLimit:
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
            digits += 1
        case UInt8(ascii: "-") where digits == 0 && !isNegative: isNegative = true
        case UInt8(ascii: "\r") where !endsWithCR: break
        default: throw .refusedReply("a length is invalid")
        }
    }
}

extension RedisCacheError {
    fileprivate static func refusedReply(_ reason: String) -> RedisCacheError {
        RedisCacheError(.notRedis, "the server is not a Redis server: the reply is refused, because \(reason)")
    }
}
