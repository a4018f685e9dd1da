/// An immutable array without a reference count, so that evaluations on many threads do not contend for one. Its owner
/// has to deallocate it.
///
/// Unchecked, because a pointer is not Sendable. After `init`, nothing writes to the memory.
struct UnsafeTable<Element: BitwiseCopyable>: @unchecked Sendable {
    private let elements: UnsafeBufferPointer<Element>

    init(_ array: [Element]) {
        let buffer = UnsafeMutableBufferPointer<Element>.allocate(capacity: array.count)
        _ = buffer.initialize(from: array)
        elements = UnsafeBufferPointer(buffer)
    }

    func deallocate() {
        elements.deallocate()
    }

    var count: Int { elements.count }
    var indices: Range<Int> { 0..<elements.count }

    /// Accesses an element. `ConfigCompiler` computes the indices, so an index out of bounds is a programming error.
    @inline(__always)
    subscript(index: Int) -> Element {
        // Yields the element without a copy: most callers need one field of a large struct.
        _read {
            precondition(index >= 0 && index < elements.count)
            yield elements[index]
        }
    }

    /// Returns the address of an element, which is valid until the table is deallocated. Through it, an evaluation
    /// reads a few fields of a large element without a copy of the others.
    @inline(__always)
    func address(of index: Int) -> UnsafePointer<Element> {
        guard let first = elements.baseAddress, index >= 0, index < elements.count else {
            preconditionFailure("index out of bounds")
        }
        return first + index
    }

    @inline(__always)
    subscript(range: Range<Int>) -> UnsafeBufferPointer<Element> {
        precondition(range.lowerBound >= 0 && range.upperBound <= elements.count)
        return UnsafeBufferPointer(rebasing: elements[range])
    }
}

/// A container of bytes, slices of which are strings.
protocol BytePool {
    func withBytes<Result>(_ slice: ArrayRange, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result
}

extension UnsafeTable: BytePool where Element == UInt8 {
    @inline(__always)
    func withBytes<Result>(_ slice: ArrayRange, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        body(self[slice.range])
    }
}

extension [UInt8]: BytePool {
    @inline(__always)
    func withBytes<Result>(_ slice: ArrayRange, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let range = slice.range
        precondition(range.upperBound <= count)
        return withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }
}
