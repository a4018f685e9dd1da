/// An index of an array's elements by their bytes: a hash table with open addressing and linear probing. Its size is a
/// power of two, at least twice the number of elements.
struct HashIndex {
    private(set) var slots: [HashSlot]
    let seed: UInt64
    private(set) var count = 0

    init(capacity: Int, seed: UInt64) {
        var size = 4
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: HashSlot(), count: size)
        self.seed = seed
    }

    /// Inserts an element, and replaces another with the same bytes.
    mutating func insert(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>, equals: (_ other: Int) -> Bool) {
        if (count + 1) * 2 > slots.count { grow() }
        let hash = ByteHash.hash(bytes, seed: seed)
        let place = place(hash, equals)
        if slots[place].isEmpty { count += 1 }
        slots[place] = HashSlot(index, hash: hash)
    }

    /// Returns the index of the element with these bytes.
    func index(of bytes: UnsafeBufferPointer<UInt8>, equals: (_ other: Int) -> Bool) -> Int? {
        let slot = slots[place(ByteHash.hash(bytes, seed: seed), equals)]
        return slot.isEmpty ? nil : slot.index
    }

    /// The indices of all elements, in ascending order.
    var indices: [Int] {
        slots.lazy.filter { !$0.isEmpty }.map(\.index).sorted()
    }

    /// Returns the slot of an element, or the empty slot where it would be inserted.
    private func place(_ hash: UInt32, _ equals: (_ other: Int) -> Bool) -> Int {
        let mask = slots.count - 1
        var place = Int(hash) & mask
        while !slots[place].isEmpty {
            if slots[place].hash == hash, equals(slots[place].index) { return place }
            place = (place + 1) & mask
        }
        return place
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: HashSlot(), count: old.count * 2)
        for slot in old where !slot.isEmpty { slots[place(slot.hash) { _ in false }] = slot }
    }
}

/// A slot of a hash table.
struct HashSlot {
    /// The index of the element + 1; 0 if the slot is empty.
    private var number: UInt32 = 0
    /// The hash of the element's bytes.
    private(set) var hash: UInt32 = 0

    init() {}

    init(_ index: Int, hash: UInt32) {
        number = UInt32(truncatingIfNeeded: index &+ 1)
        self.hash = hash
    }

    var isEmpty: Bool { number == 0 }
    var index: Int { Int(number) - 1 }
}
