import Synchronization

/// A document that is collected piece by piece, and then becomes the memory of a config without another copy.
package final class DocumentBuffer: Sendable {
    private let bytes: Mutex<GrowingTable<UInt8>>

    package init() { bytes = Mutex(GrowingTable()) }

    package convenience init(_ document: some Sequence<UInt8>) {
        self.init()
        append(document)
    }

    package var count: Int { bytes.withLock { $0.count } }

    /// Makes room for a total number of bytes.
    package func reserveCapacity(_ total: Int) { bytes.withLock { $0.reserveCapacity(total) } }

    package func append(_ piece: some Sequence<UInt8>) { bytes.withLock { $0.append(copying: piece) } }

    /// Returns the bytes, and leaves an empty buffer.
    func take() -> GrowingTable<UInt8> {
        bytes.withLock { bytes in
            var taken = GrowingTable<UInt8>()
            swap(&taken, &bytes)
            return taken
        }
    }
}
