/// Settings by key: a hash table over UTF-8 bytes, probed linearly.
///
/// Keys are compared byte by byte, where a Dictionary of String would find "é" under either of its spellings.
struct KeyTable {
    /// Settings' indices + 1; 0 is an empty slot.
    private var slots: [UInt32] = []
    /// The hash of the key in the slot.
    private var hashes: [UInt32] = []
    private var mask = 0
    private let seed: UInt64

    /// - Parameter capacity: how many keys there may be.
    init(capacity: Int, seed: UInt64) {
        self.seed = seed
        var size = 4
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: 0, count: size)
        hashes = Array(repeating: 0, count: size)
        mask = size - 1
    }

    /// Sets the index for a key. Returns the index it had.
    mutating func insert(_ index: Int, key: UnsafeBufferPointer<UInt8>, equals: (_ other: Int) -> Bool) -> Int? {
        let hash = ByteHash.hash(key, seed: seed)
        var slot = Int(hash) & mask
        while slots[slot] != 0 {
            if hashes[slot] == hash, equals(Int(slots[slot]) - 1) {
                let previous = Int(slots[slot]) - 1
                slots[slot] = UInt32(index + 1)
                return previous
            }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(index + 1)
        hashes[slot] = hash
        return nil
    }

    @inline(__always)
    func index(of key: String, in config: CompiledConfig) -> Int? {
        key.withBytes { bytes in
            find(bytes) { Bytes.areEqual(bytes, config.settings[$0].key, of: config.pool) }
        }
    }

    @inline(__always)
    private func find(_ key: UnsafeBufferPointer<UInt8>, equals: (_ index: Int) -> Bool) -> Int? {
        let hash = ByteHash.hash(key, seed: seed)
        var slot = Int(hash) & mask
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if hashes[slot] == hash, equals(index) { return index }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The index of a key that is a slice of the compiler's pool.
    func index(of key: Slice, in compiler: borrowing ConfigCompiler) -> Int? {
        Bytes.withBytes(key, of: compiler.pool) { bytes in
            find(bytes) { Bytes.areEqual(bytes, compiler.settings[$0].key, of: compiler.pool) }
        }
    }

    /// The indices of all settings, in the order they were added.
    var indices: [Int] {
        slots.lazy.filter { $0 != 0 }.map { Int($0) - 1 }.sorted()
    }
}
