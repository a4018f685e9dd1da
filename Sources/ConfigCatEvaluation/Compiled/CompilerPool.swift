/// The bytes of a config while it is compiled: its documents, and then the strings that had escapes or were given in
/// code. The documents stay at one address, so that a string can be added while one of them is read.
struct CompilerPool: ~Copyable, BytePool {
    private var documents: GrowingTable<UInt8>
    private var strings = GrowingTable<UInt8>()

    init(documents: consuming GrowingTable<UInt8>) {
        self.documents = documents
    }

    var count: Int { documents.count + strings.count }

    /// Returns a part of the documents, which is valid until the pool is finished.
    func document(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(documents[range]) }

    @inline(__always)
    func withBytes<Result>(_ slice: ArrayRange, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let range = slice.range
        guard range.lowerBound >= documents.count else { return body(UnsafeBufferPointer(documents[range])) }
        let start = range.lowerBound - documents.count
        return body(UnsafeBufferPointer(strings[start..<start + range.count]))
    }

    /// Appends a string that `text` writes.
    mutating func append(_ text: (inout GrowingTable<UInt8>) -> Void) -> ArrayRange {
        let start = count
        text(&strings)
        return ArrayRange(from: start, to: count)
    }

    consuming func finish() -> UnsafeTable<UInt8> {
        if strings.count > 0 { documents.append(contentsOf: UnsafeBufferPointer(strings[strings.indices])) }
        return documents.finish()
    }
}
