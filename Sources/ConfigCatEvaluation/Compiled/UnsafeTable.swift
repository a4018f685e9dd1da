import ConfigCatPlatform

/// An immutable array without a reference count, so that evaluations on many threads do not contend for one. Its owner
/// has to deallocate it.
///
/// Unchecked, because a pointer is not Sendable. After `init`, nothing writes to the memory.
package struct UnsafeTable<Element: BitwiseCopyable>: BitwiseCopyable, @unchecked Sendable {
    private let elements: UnsafeBufferPointer<Element>

    /// Creates a table of elements in memory of `malloc`, or a view of a table that has another owner.
    init(_ elements: UnsafeBufferPointer<Element>) {
        self.elements = elements
    }

    init(_ array: [Element]) {
        var table = GrowingTable<Element>()
        array.withUnsafeBufferPointer { table.append(contentsOf: $0) }
        self = table.finish()
    }

    func deallocate() {
        free(UnsafeMutableRawPointer(mutating: elements.baseAddress))
    }

    package var count: Int { elements.count }
    package var indices: Range<Int> { 0..<elements.count }

    /// Accesses an element. `ConfigCompiler` computes the indices, so an index out of bounds is a programming error.
    @inline(__always)
    package subscript(index: Int) -> Element {
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
    package subscript(range: Range<Int>) -> UnsafeBufferPointer<Element> {
        precondition(range.lowerBound >= 0 && range.upperBound <= elements.count)
        return UnsafeBufferPointer(rebasing: elements[range])
    }
}

/// A container of bytes, slices of which are strings.
protocol BytePool: ~Copyable {
    func withBytes<Result>(_ slice: ArrayRange, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result
}

extension UnsafeTable: BytePool where Element == UInt8 {
    @inline(__always)
    func withBytes<Result>(_ slice: ArrayRange, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        body(self[slice.range])
    }
}
