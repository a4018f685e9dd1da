/// An array that never changes and is not counted: evaluations on many threads read it without touching a reference
/// count that they share. Whoever made it deallocates it.
///
/// Unchecked, because a pointer is not Sendable: nothing writes behind it once it is made.
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

    /// Indices come from the compiler of configs; one out of bounds is a bug there, which stops here.
    @inline(__always)
    subscript(index: Int) -> Element {
        // Lends the element: most readers want one field of a large struct.
        _read {
            precondition(index >= 0 && index < elements.count)
            yield elements[index]
        }
    }

    /// Returns the address of an element, valid as long as the table is: an evaluation reads a few fields of large
    /// elements, and must not copy the rest.
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

/// Where slices of text are.
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
