/// An index of settings by key, without a reference count.
///
/// Keys are compared byte by byte. A Dictionary would treat the two spellings of "é" as the same key.
struct KeyTable {
    private let slots: UnsafeTable<HashSlot>
    private let seed: UInt64
    /// The length of the longest key. A longer one is not hashed: it may come from a request, and be very long.
    private let longest: Int

    init(_ index: HashIndex, longest: Int) {
        self.longest = longest
        slots = UnsafeTable(index.slots)
        seed = index.seed
    }

    func deallocate() {
        slots.deallocate()
    }

    @inline(__always)
    func index(of key: UnsafeBufferPointer<UInt8>, in config: CompiledConfig) -> Int? {
        guard key.count <= longest else { return nil }
        let hash = ByteHash.hash(key, seed: seed)
        var place = Int(hash) & (slots.count - 1)
        while case let slot = slots[place], !slot.isEmpty {
            if slot.hash == hash, Bytes.areEqual(key, config.settings[slot.index].key, of: config.pool) {
                return slot.index
            }
            place = (place + 1) & (slots.count - 1)
        }
        return nil
    }
}
