import ConfigCatPlatform

/// An array that grows, and then becomes an ``UnsafeTable`` without a copy.
///
/// The memory is that of `malloc`: `realloc` moves the pages of a large table rather than copying them, so that growing
/// one needs no second copy of it.
///
/// `@unchecked Sendable`: it is the only owner of its memory, and cannot be copied.
package struct GrowingTable<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
    private var start: UnsafeMutablePointer<Element>?
    private var capacity = 0
    package private(set) var count = 0

    package init() {}

    deinit { free(start) }

    /// Makes room for a total number of elements.
    package mutating func reserveCapacity(_ total: Int) {
        if total > capacity { resize(to: total) }
    }

    @inline(__always)
    package mutating func append(_ element: Element) {
        if count == capacity { grow(by: 1) }
        guard let start else { return }
        (start + count).initialize(to: element)
        count += 1
    }

    package mutating func append(contentsOf elements: UnsafeBufferPointer<Element>) {
        grow(by: elements.count)
        guard let start, let source = elements.baseAddress else { return }
        (start + count).initialize(from: source, count: elements.count)
        count += elements.count
    }

    package var indices: Range<Int> { 0..<count }

    /// Removes the elements after the first ones, and keeps their memory.
    package mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count)
        self.count = count
    }

    package subscript(index: Int) -> Element {
        @inline(__always)
        _read { yield address(of: index).pointee }
        @inline(__always)
        _modify { yield &address(of: index).pointee }
    }

    /// Returns elements, until the table next changes.
    @inline(__always)
    package subscript(range: Range<Int>) -> UnsafeMutableBufferPointer<Element> {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return UnsafeMutableBufferPointer(start: start.map { $0 + range.lowerBound }, count: range.count)
    }

    /// Makes the elements immutable, and returns the memory that is not used.
    package consuming func finish() -> UnsafeTable<Element> {
        if count == 0 {
            free(start)
        } else if count < capacity {
            resize(to: count)
        }
        let table = UnsafeTable(UnsafeBufferPointer(start: count == 0 ? nil : start, count: count))
        discard self
        return table
    }

    @inline(__always)
    private func address(of index: Int) -> UnsafeMutablePointer<Element> {
        guard let start, index >= 0, index < count else { preconditionFailure("index out of bounds") }
        return start + index
    }

    @inline(never)
    private mutating func grow(by more: Int) {
        precondition(more >= 0)
        let total = count + more
        if total > capacity { resize(to: max(total, capacity * 2, 16)) }
    }

    private mutating func resize(to total: Int) {
        precondition(MemoryLayout<Element>.alignment <= 16, "malloc aligns to 16 bytes")
        let (size, isTooLarge) = MemoryLayout<Element>.stride.multipliedReportingOverflow(by: total)
        guard !isTooLarge, let memory = realloc(start, size) else { fatalError("out of memory") }
        start = memory.bindMemory(to: Element.self, capacity: total)
        capacity = total
    }
}

extension GrowingTable<UInt8> {
    package mutating func append(copying bytes: some Sequence<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ append(contentsOf: $0) }) != nil { return }
        for byte in bytes { append(byte) }
    }
}
