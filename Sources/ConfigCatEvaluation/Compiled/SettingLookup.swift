/// The result of a search for a setting: where it is, and its value if that is known. It fits into registers.
@usableFromInline
package struct SettingLookup: BitwiseCopyable, Sendable {
    @usableFromInline
    package enum Kind: UInt8, BitwiseCopyable, Sendable {
        case unknown
        /// The value is known: it is the same for all users, or was evaluated before.
        case bool, string, int, double
        /// The value depends on the user, or the setting is malformed.
        case requiresEvaluation
        case missing

        /// Reads the lowest byte of a word; the type's own initializer is not inlined in other modules.
        @inlinable @inline(__always)
        init(word: UInt64) {
            self =
                switch word & 0xFF {
                case 1: .bool
                case 2: .string
                case 3: .int
                case 4: .double
                case 5: .requiresEvaluation
                case 6: .missing
                default: .unknown
                }
        }

        /// Returns the kind of a value of this type, if it fits into a word: a string is counted by references.
        @inlinable @inline(__always)
        package init?<Value>(_: Value.Type) {
            if Value.self == Bool.self {
                self = .bool
            } else if Value.self == Int.self {
                self = .int
            } else if Value.self == Double.self {
                self = .double
            } else {
                return nil
            }
        }

        var word: UInt64 { UInt64(rawValue) }
    }

    @usableFromInline package let kind: Kind
    /// The index of the setting.
    @usableFromInline package let index: Int32
    /// The value as in ``CompiledValue``.
    @usableFromInline package let bits: UInt64

    @inlinable package static var unknown: SettingLookup { SettingLookup(kind: .unknown, index: -1, bits: 0) }
    @inlinable package static var missing: SettingLookup { SettingLookup(kind: .missing, index: -1, bits: 0) }

    @inlinable @inline(__always)
    package init(kind: Kind, index: Int32, bits: UInt64) {
        self.kind = kind
        self.index = index
        self.bits = bits
    }

    @inline(__always)
    init(_ index: Int, in config: CompiledConfig) {
        let setting = config.settings.address(of: index)
        self.init(setting.pointee.isConstant ? setting.pointee.value : nil, at: Int32(truncatingIfNeeded: index))
    }

    /// Creates a lookup with a value; without one, the setting requires evaluation.
    @inline(__always)
    init(_ value: CompiledValue?, at index: Int32) {
        self.index = index
        guard let value, value.kind != .invalid else {
            kind = .requiresEvaluation
            bits = 0
            return
        }
        kind =
            switch value.kind {
            case .bool: .bool
            case .string: .string
            case .int: .int
            case .double, .invalid: .double
            }
        bits = value.bits
    }

    /// Returns the value if it is known, of this type, and fits into a word. The casts are between equal types.
    @inlinable @inline(__always)
    package func known<Value>(_: Value.Type) -> Value? {
        if Value.self == Bool.self, case .bool = kind { return unsafeBitCast(bits != 0, to: Value.self) }
        if Value.self == Int.self, case .int = kind { return unsafeBitCast(int, to: Value.self) }
        if Value.self == Double.self, case .double = kind { return unsafeBitCast(double, to: Value.self) }
        return nil
    }

    @inlinable package var int: Int { Int(truncatingIfNeeded: Int64(bitPattern: bits)) }
    @inlinable package var double: Double { Double(bitPattern: bits) }
}

extension Config {
    /// Finds a setting by its key.
    @inline(__always)
    package func find(_ key: String) -> SettingLookup {
        compiled.index(of: key).map { SettingLookup($0, in: compiled) } ?? .missing
    }

    /// Finds the setting of a declared flag.
    ///
    /// - Parameters:
    ///   - number: The number of the key in ``DeclaredKeys``; -1 if it has none.
    ///   - key: The key.
    /// - Returns: The setting.
    @inlinable @inline(__always)
    package func find(declared number: Int32, _ key: String) -> SettingLookup {
        let lookup = compiled.declared.find(number)
        if case .unknown = lookup.kind { return findFirst(declared: number, key) }
        return lookup
    }

    @inline(never) @usableFromInline
    func findFirst(declared number: Int32, _ key: String) -> SettingLookup {
        let lookup = find(key)
        compiled.declared.remember(lookup, for: number)
        return lookup
    }

    /// Returns the value that a lookup has found; nil if it has found none.
    package func value(_ lookup: SettingLookup) -> SettingValue? {
        switch lookup.kind {
        case .bool: .bool(lookup.bits != 0)
        case .string: .string(string(lookup))
        case .int: .int(lookup.int)
        case .double: .double(lookup.double)
        case .unknown, .requiresEvaluation, .missing: nil
        }
    }

    /// Returns the string that a lookup of kind `string` has found.
    package func string(_ lookup: SettingLookup) -> String {
        compiled.strings[Int(lookup.bits)]
    }
}
