import Synchronization

/// Strings of a config, each of which is created when it is first served.
///
/// Threads that create the same string at the same time keep the first one. Its owner has to deallocate the strings.
///
/// `@unchecked Sendable`: the places are changed only by atomic stores, each at most once, from nil to an address whose
/// string nothing changes.
struct LazyStrings: @unchecked Sendable {
    private typealias Place = Atomic<UnsafeMutablePointer<String>?>

    private let pool: UnsafeTable<UInt8>
    private let slices: UnsafeTable<ArrayRange>
    private let places: UnsafeMutablePointer<Place>

    /// Creates strings from slices of a pool, which has to be valid for as long as they are.
    init(_ slices: UnsafeTable<ArrayRange>, of pool: UnsafeTable<UInt8>) {
        self.pool = pool
        self.slices = slices
        places = .allocate(capacity: slices.count)
        for index in slices.indices { (places + index).initialize(to: Place(nil)) }
    }

    func deallocate() {
        for index in slices.indices {
            guard let string = places[index].load(ordering: .acquiring) else { continue }
            string.deinitialize(count: 1)
            string.deallocate()
        }
        places.deinitialize(count: slices.count)
        places.deallocate()
        slices.deallocate()
    }

    subscript(index: Int) -> String {
        precondition(index >= 0 && index < slices.count)
        if let string = places[index].load(ordering: .acquiring) { return string.pointee }
        return create(index)
    }

    @inline(never)
    private func create(_ index: Int) -> String {
        let new = UnsafeMutablePointer<String>.allocate(capacity: 1)
        new.initialize(to: String(decoding: pool[slices[index].range], as: UTF8.self))
        let (isFirst, earlier) = places[index].compareExchange(
            expected: nil, desired: new, ordering: .acquiringAndReleasing)
        guard !isFirst, let earlier else { return new.pointee }
        new.deinitialize(count: 1)
        new.deallocate()
        return earlier.pointee
    }
}
