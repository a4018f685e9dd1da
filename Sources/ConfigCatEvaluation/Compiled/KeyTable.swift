/// Settings by key: a hash table over UTF-8 bytes, probed linearly.
///
/// Keys are compared byte by byte, where a Dictionary of String would find "é" under either of its spellings.
struct KeyTable {
    private let slots: Table<KeySlot>
    private let seed: UInt64

    init(_ builder: KeyTableBuilder) {
        slots = Table(builder.slots)
        seed = builder.seed
    }

    func deallocate() {
        slots.deallocate()
    }

    @inline(__always)
    func index(of key: String, in config: CompiledConfig) -> Int? {
        key.withBytes { bytes in
            let hash = ByteHash.hash(bytes, seed: seed)
            var place = Int(hash) & (slots.count - 1)
            while case let slot = slots[place], slot.setting != 0 {
                let index = Int(slot.setting) - 1
                if slot.hash == hash, Bytes.areEqual(bytes, config.settings[index].key, of: config.pool) {
                    return index
                }
                place = (place + 1) & (slots.count - 1)
            }
            return nil
        }
    }
}

/// A place in a key table.
struct KeySlot {
    /// The index of the setting + 1; 0 where the slot is empty.
    var setting: UInt32 = 0
    /// The hash of its key.
    var hash: UInt32 = 0
}

/// Makes a key table. Its size is a power of two, at least twice the number of keys.
struct KeyTableBuilder {
    private(set) var slots: [KeySlot]
    let seed: UInt64

    init(capacity: Int, seed: UInt64) {
        var size = 4
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: KeySlot(), count: size)
        self.seed = seed
    }

    /// Sets the setting that has the key, in place of another with the same.
    mutating func insert(_ index: Int, key: UnsafeBufferPointer<UInt8>, equals: (_ other: Int) -> Bool) {
        let hash = ByteHash.hash(key, seed: seed)
        let place = place(hash, equals)
        slots[place] = KeySlot(setting: UInt32(index + 1), hash: hash)
    }

    /// The index of a key that is a slice of the compiler's pool.
    func index(of key: Slice, in compiler: borrowing ConfigCompiler) -> Int? {
        Bytes.withBytes(key, of: compiler.pool) { bytes in
            let place = place(ByteHash.hash(bytes, seed: seed)) { other in
                Bytes.areEqual(bytes, compiler.settings[other].key, of: compiler.pool)
            }
            return slots[place].setting == 0 ? nil : Int(slots[place].setting) - 1
        }
    }

    /// Where a key is, or would be.
    private func place(_ hash: UInt32, _ equals: (_ setting: Int) -> Bool) -> Int {
        let mask = slots.count - 1
        var place = Int(hash) & mask
        while slots[place].setting != 0 {
            if slots[place].hash == hash, equals(Int(slots[place].setting) - 1) { return place }
            place = (place + 1) & mask
        }
        return place
    }

    /// The indices of all settings, in the order they were added.
    var indices: [Int] {
        slots.lazy.filter { $0.setting != 0 }.map { Int($0.setting) - 1 }.sorted()
    }
}
