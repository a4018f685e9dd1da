import ConfigCatPlatform

/// Comparison of byte strings.
enum Bytes {
    @inline(__always)
    static func areEqual(
        _ bytes: UnsafeBufferPointer<UInt8>, _ slice: ArrayRange, of pool: borrowing some BytePool & ~Copyable
    ) -> Bool {
        guard bytes.count == Int(slice.count) else { return false }
        return withBytes(slice, of: pool) { isEqualMemory(bytes, $0) }
    }

    /// Returns whether two byte strings, which can be as long as a document, are equal.
    static func areEqual(_ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>) -> Bool {
        guard first.count == second.count else { return false }
        guard let start = first.baseAddress, let other = second.baseAddress else { return true }
        return memcmp(start, other, first.count) == 0
    }

    @inline(__always)
    static func hasPrefix(
        _ bytes: UnsafeBufferPointer<UInt8>, _ slice: ArrayRange, of pool: borrowing some BytePool & ~Copyable
    ) -> Bool {
        guard bytes.count >= Int(slice.count) else { return false }
        return withBytes(slice, of: pool) {
            isEqualMemory(UnsafeBufferPointer(rebasing: bytes.prefix(Int(slice.count))), $0)
        }
    }

    @inline(__always)
    static func hasSuffix(
        _ bytes: UnsafeBufferPointer<UInt8>, _ slice: ArrayRange, of pool: borrowing some BytePool & ~Copyable
    ) -> Bool {
        guard bytes.count >= Int(slice.count) else { return false }
        return withBytes(slice, of: pool) {
            isEqualMemory(UnsafeBufferPointer(rebasing: bytes.suffix(Int(slice.count))), $0)
        }
    }

    /// Returns whether `bytes` contain a slice; false if the work is exceeded. The search counts its work, because it
    /// takes quadratic time if `bytes` repeat the beginning of the slice.
    static func contains(
        _ bytes: UnsafeBufferPointer<UInt8>, _ slice: ArrayRange, of pool: borrowing some BytePool & ~Copyable,
        _ work: inout EvaluationWork
    ) -> Bool {
        guard !slice.isEmpty else { return true }
        work.add(8 &+ bytes.count / 64)
        return withBytes(slice, of: pool) { part in
            guard var rest = bytes.baseAddress, let start = part.baseAddress, let first = part.first else {
                return false
            }
            let end = rest + bytes.count
            while !work.isExceeded, end - rest >= part.count,
                let found = memchr(rest, Int32(first), end - rest - part.count + 1)
            {
                if memcmp(found, start, part.count) == 0 { return true }
                work.add(8 &+ part.count / 32)
                rest = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) + 1
            }
            return false
        }
    }

    @inline(__always)
    static func withBytes<Result>(
        _ slice: ArrayRange, of pool: borrowing some BytePool & ~Copyable,
        _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        pool.withBytes(slice, body)
    }

    @inline(__always)
    private static func isEqualMemory(_ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>) -> Bool
    {
        let count = min(first.count, second.count)
        guard let first = UnsafeRawPointer(first.baseAddress), let second = UnsafeRawPointer(second.baseAddress) else {
            return true
        }
        func isEqual<Word: FixedWidthInteger>(_ offset: Int, _: Word.Type) -> Bool {
            first.loadUnaligned(fromByteOffset: offset, as: Word.self)
                == second.loadUnaligned(fromByteOffset: offset, as: Word.self)
        }
        // Keys and attributes are short: comparing words, of which the last two may overlap, is faster than memcmp.
        guard count >= 8 else {
            if count >= 4 { return isEqual(0, UInt32.self) && isEqual(count - 4, UInt32.self) }
            return (0..<count).allSatisfy { isEqual($0, UInt8.self) }
        }
        var offset = 0
        while offset + 8 < count {
            if !isEqual(offset, UInt64.self) { return false }
            offset += 8
        }
        return isEqual(count - 8, UInt64.self)
    }
}

extension StringProtocol {
    /// Calls `body` with the UTF-8 bytes, without a copy if they are contiguous, as in every native String.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(utf8).withUnsafeBufferPointer(body)
    }
}

/// A fast hash of bytes. Its seed is random, so that nobody can write a document with keys that collide.
enum ByteHash {
    @inline(__always)
    static func hash(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) -> UInt32 {
        let raw = UnsafeRawBufferPointer(bytes)
        var state = seed ^ UInt64(truncatingIfNeeded: raw.count) &* 0x9E37_79B9_7F4A_7C15
        var offset = 0
        while raw.count - offset >= 8 {
            state = mix(state ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        var tail: UInt64 = 0
        if raw.count - offset >= 4 {
            tail = UInt64(raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            offset += 4
        }
        while offset < raw.count {
            tail = tail << 8 | UInt64(raw[offset])
            offset += 1
        }
        state = mix(state ^ tail)
        return UInt32(truncatingIfNeeded: state ^ state >> 32)
    }

    /// Returns both halves of a full-width product, combined by XOR.
    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let (high, low) = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
        return high ^ low
    }
}
