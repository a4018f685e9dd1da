extension ConfigCatUser {
    /// Custom attributes, in the order in which they were given.
    ///
    ///     var custom: ConfigCatUser.Attributes = ["Rating": 4.5]
    ///     custom["Roles"] = ["editor", "beta"]
    public struct Attributes: Sendable, ExpressibleByDictionaryLiteral {
        /// The names and values; without labels, so that the array of a literal is stored without a copy.
        private(set) var entries: [(String, AttributeValue)] = []
        /// The index of entries by name; nil if there are only a few entries.
        private var names: HashIndex?

        private static let few = 16

        /// Creates attributes in the order of the literal. If several have the same name, the last value is used.
        public init(dictionaryLiteral elements: (String, AttributeValue)...) {
            if elements.count <= Self.few, !Self.repeatsName(in: elements) {
                // Most literals: no element is copied.
                entries = elements
            } else {
                for (name, value) in elements { self[name] = value }
            }
        }

        /// Creates attributes in the given order. If several have the same name, the last value is used.
        public init(_ attributes: some Sequence<(name: String, value: AttributeValue)>) {
            for (name, value) in attributes { self[name] = value }
        }

        /// Creates attributes from a dictionary, sorted by name, because a dictionary has no order.
        public init(_ attributes: [String: AttributeValue]) {
            self.init(unordered: attributes.map { (name: $0.key, value: $0.value) })
        }

        init(unordered pairs: [(name: String, value: AttributeValue)]) {
            self.init(pairs.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
        }

        /// Accesses the attribute with this name, compared byte by byte in UTF-8. To remove an attribute, set it to
        /// nil; this takes time in proportion to the number of attributes.
        public subscript(name: String) -> AttributeValue? {
            get { name.withBytes { value(named: $0) } }
            set {
                switch (name.withBytes { index(named: $0) }, newValue) {
                case (let index?, let value?): entries[index].1 = value
                case (let index?, nil): remove(at: index)
                case (nil, let value?): append(name, value)
                case (nil, nil): break
                }
            }
        }

        func value(named name: UnsafeBufferPointer<UInt8>) -> AttributeValue? {
            index(named: name).map { entries[$0].1 }
        }

        @inline(__always)
        func index(of name: ArrayRange, in pool: some BytePool) -> Int? {
            guard names == nil else { return Bytes.withBytes(name, of: pool) { index(named: $0) } }
            return entries.firstIndex { entry in entry.0.withBytes { Bytes.areEqual($0, name, of: pool) } }
        }

        private func index(named name: UnsafeBufferPointer<UInt8>) -> Int? {
            func isNamed(_ index: Int) -> Bool { entries[index].0.withBytes { Bytes.areEqual($0, name) } }
            return names.map { $0.index(of: name, equals: isNamed) } ?? entries.indices.first(where: isNamed)
        }

        /// Returns whether two of a few elements have the same name.
        private static func repeatsName(in elements: [(String, AttributeValue)]) -> Bool {
            for index in elements.indices.dropFirst() {
                let count = elements[index].0.utf8.count
                for other in 0..<index where elements[other].0.utf8.count == count {
                    if elements[index].0.withBytes({ name in elements[other].0.withBytes { Bytes.areEqual(name, $0) } })
                    {
                        return true
                    }
                }
            }
            return false
        }

        private mutating func append(_ name: String, _ value: AttributeValue) {
            entries.append((name, value))
            if names != nil {
                // The name is new, so it equals no other.
                name.withBytes { names?.insert(entries.count - 1, $0) { _ in false } }
            } else if entries.count > Self.few {
                indexNames()
            }
        }

        private mutating func remove(at index: Int) {
            entries.remove(at: index)
            names = nil
            if entries.count > Self.few { indexNames() }
        }

        private mutating func indexNames() {
            // The seed is random, so that nobody can choose names that collide.
            var names = HashIndex(capacity: entries.count, seed: .random(in: .min ... .max))
            for (index, entry) in entries.enumerated() {
                entry.0.withBytes { names.insert(index, $0) { _ in false } }
            }
            self.names = names
        }
    }
}
