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

    /// The greatest room that is made in advance, in bytes: a server can announce any length, and send less.
    private static let maximumReservation = 8 << 20

    /// Makes room for a total number of bytes, which is only announced.
    package func reserveCapacity(_ total: Int) {
        bytes.withLock { $0.reserveCapacity(min(total, Self.maximumReservation)) }
    }

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
