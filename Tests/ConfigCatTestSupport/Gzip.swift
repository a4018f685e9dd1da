/// The parts of gzip (RFC 1952) that tests need.
package enum Gzip {
    /// Returns bytes in a stored block.
    package static func stored(_ body: [UInt8]) -> [UInt8] {
        let length = UInt16(truncatingIfNeeded: body.count)
        return header + [0x01] + bytes(length) + bytes(~length) + body + bytes(crc32(body)) + bytes(UInt32(body.count))
    }

    /// Returns megabytes of spaces in few bytes: one space, and copies of 258 spaces that take 13 bits each.
    package static func bomb(megabytes: Int) -> [UInt8] {
        let copies = megabytes << 20 / 258
        var output: [UInt8] = []
        var bit = 0
        func put(_ value: Int, _ count: Int) {
            for index in (0..<count).reversed() {
                if bit == 0 { output.append(0) }
                if value >> index & 1 == 1 { output[output.count - 1] |= 1 << bit }
                bit = (bit + 1) & 7
            }
        }
        put(1, 1)  // the last block
        put(0b10, 2)  // of fixed codes, its bits from the least significant
        put(0x30 + 0x20, 8)  // a space
        for _ in 0..<copies { put(0b1100_0101_00000, 13) }  // length 258, distance 1
        put(0, 7)  // the end
        return header + output + [0, 0, 0, 0, 0, 0, 0, 0]
    }

    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func crc32(_ body: [UInt8]) -> UInt32 {
        ~body.reduce(~UInt32(0)) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
    }
}
