/// Config JSON made ready for evaluation: flat arrays that refer to each other by index.
///
/// Everything that can be done once is done when the document is decoded: comparison values are parsed, hashes are
/// bytes, segments and prerequisite flags are indices, and what cannot work carries its problem. Elements are trivial
/// values in tables that nobody counts, so that evaluation allocates nothing and threads share no reference counts.
final class CompiledConfig: Sendable {
    /// The documents' bytes, followed by texts that needed unescaping.
    let pool: UnsafeTable<UInt8>
    let settings: UnsafeTable<CompiledSetting>
    let keys: KeyTable
    /// The settings that `keys` finds, in the order of the document.
    let order: [Int]
    /// Their keys, kept as String like `strings`.
    let keyStrings: [String]
    let rules: UnsafeTable<CompiledRule>
    let conditions: UnsafeTable<CompiledCondition>
    let options: UnsafeTable<CompiledOption>
    let segments: UnsafeTable<CompiledSegment>
    /// What attributes are compared with: one element, so that matchers refer to it rather than copy it.
    private let comparisons: UnsafeTable<ComparisonTables>
    /// Served texts, kept as String so that serving one does not copy it.
    let strings: [String]
    let problems: [String]
    /// The documents that this was compiled from, in order of precedence.
    let sources: [ConfigSource]
    let preferences: Preferences

    init(_ builder: consuming ConfigCompiler) {
        pool = UnsafeTable(builder.pool)
        settings = UnsafeTable(builder.settings)
        keys = KeyTable(builder.keys)
        order = builder.keys.indices
        rules = UnsafeTable(builder.rules)
        conditions = UnsafeTable(builder.conditions)
        options = UnsafeTable(builder.options)
        segments = UnsafeTable(builder.segments)
        comparisons = UnsafeTable([
            ComparisonTables(
                pool: pool, items: UnsafeTable(builder.items), fingerprints: UnsafeTable(builder.fingerprints),
                digests: UnsafeTable(builder.digests), versions: UnsafeTable(builder.versions), seed: builder.seed)
        ])
        strings = builder.strings
        problems = builder.problems
        sources = builder.sources
        preferences = builder.preferences
        let pool = pool
        let settings = settings
        keyStrings = order.map { String(decoding: pool[settings[$0].key.range], as: UTF8.self) }
    }

    deinit {
        pool.deallocate()
        settings.deallocate()
        keys.deallocate()
        rules.deallocate()
        conditions.deallocate()
        options.deallocate()
        segments.deallocate()
        comparison.pointee.items.deallocate()
        comparison.pointee.fingerprints.deallocate()
        comparison.pointee.digests.deallocate()
        comparison.pointee.versions.deallocate()
        comparisons.deallocate()
    }

    var comparison: UnsafePointer<ComparisonTables> { comparisons.address(of: 0) }

    func text(_ slice: ArrayRange) -> String {
        String(decoding: pool[slice.range], as: UTF8.self)
    }

    /// The value that a setting's evaluation served from a rule or a percentage option, or -1 for neither.
    func value(of setting: Int32, rule: Int32, option: Int32) -> CompiledValue {
        if option >= 0 { return options[Int(option)].value }
        if rule >= 0, let value = rules[Int(rule)].value { return value }
        return settings[Int(setting)].value
    }

    func problem(_ index: Int32) -> String? {
        index < 0 ? nil : problems[Int(index)]
    }

    /// The index of the setting with this key.
    @inline(__always)
    func index(of key: String) -> Int? {
        keys.index(of: key, in: self)
    }
}

/// Comparison values of conditions, made ready to compare with.
struct ComparisonTables {
    let pool: UnsafeTable<UInt8>
    /// Items of list comparators, as slices of `pool`.
    let items: UnsafeTable<ArrayRange>
    /// For each of `items`, a hash of its bytes.
    let fingerprints: UnsafeTable<UInt32>
    /// Hashed values.
    let digests: UnsafeTable<CompiledDigest>
    let versions: UnsafeTable<CompiledVersion>
    /// Seeds the fingerprints.
    let seed: UInt64
}

/// A value of a setting, a rule or an option.
struct CompiledValue {
    enum Kind: UInt8 { case bool, string, int, double, invalid }

    var kind: Kind
    /// The bits of the number, 0 or 1, the index in `strings`; for an invalid one, that of its problem.
    var bits: UInt64
    /// The bytes of a string.
    var text: ArrayRange

    static func bool(_ value: Bool) -> Self { Self(kind: .bool, bits: value ? 1 : 0, text: .empty) }
    static func int(_ value: Int) -> Self { Self(kind: .int, bits: UInt64(bitPattern: Int64(value)), text: .empty) }
    static func double(_ value: Double) -> Self { Self(kind: .double, bits: value.bitPattern, text: .empty) }
    static func invalid(_ problem: Int32) -> Self {
        Self(kind: .invalid, bits: UInt64(UInt32(bitPattern: problem)), text: .empty)
    }

    var int: Int { Int(truncatingIfNeeded: Int64(bitPattern: bits)) }
    var double: Double { Double(bitPattern: bits) }
    var problem: Int32 { kind == .invalid ? Int32(truncatingIfNeeded: bits) : -1 }

    var type: SettingType? {
        switch kind {
        case .bool: .bool
        case .string: .string
        case .int: .int
        case .double: .double
        case .invalid: nil
        }
    }
}

struct CompiledSetting {
    var key: ArrayRange
    /// Nil where the document holds none or one that does not exist.
    var type: SettingType?
    var value: CompiledValue
    var variationID: ArrayRange?
    var rules: ArrayRange
    var options: ArrayRange
    /// The attribute that percentage options hash; `Identifier` where the document names none.
    var percentageAttribute: AttributeReference
    /// Why the setting as a whole cannot be evaluated, or -1.
    var problem: Int32
    /// The JSON text of the setting.
    var body: ArrayRange = .empty

    /// Whether the value is the same for all users.
    var isConstant: Bool { rules.isEmpty && options.isEmpty && problem < 0 }
}

struct CompiledRule {
    var conditions: ArrayRange
    /// Nil where the rule serves percentage options.
    var value: CompiledValue?
    var variationID: ArrayRange?
    var options: ArrayRange
    var problem: Int32
    /// Its place in the document's array, which config JSON v5 need not keep in order.
    var position: UInt32
}

struct CompiledOption {
    /// In percent.
    var share: Double
    var value: CompiledValue
    var variationID: ArrayRange?
    var problem: Int32
    /// Its place in the document's array, which config JSON v5 need not keep in order.
    var position: UInt32
}

struct CompiledSegment {
    var name: ArrayRange
    var conditions: ArrayRange
    var problem: Int32
}

struct CompiledCondition {
    enum Kind: UInt8 {
        case user, segment, prerequisite
        /// A user condition of config JSON v5 whose comparison value cannot be read: false.
        case alwaysFalse
        case invalid
    }

    var kind: Kind
    /// NOT IN a segment, DOES NOT EQUAL a prerequisite's value.
    var isNegated: Bool = false
    var comparator: UserComparator = .equals
    var attribute: AttributeReference = .identifier
    /// Of list comparators: in `items`.
    var items: ArrayRange = .empty
    /// Of hashed comparators: in `digests`, sorted by length where parts are hashed. Of semver comparators: in `versions`.
    var parsed: ArrayRange = .empty
    /// Of text comparators with one value; the key of a prerequisite that does not exist.
    var text: ArrayRange = .empty
    /// Of hashed comparators: the config's salt, and the key or segment name that the condition belongs to.
    var salt: ArrayRange = .empty
    var context: ArrayRange = .empty
    var number: Double = 0
    /// The index of the segment or prerequisite setting.
    var target: Int32 = -1
    /// What a prerequisite's value is compared with.
    var value: CompiledValue = .bool(false)
    var problem: Int32 = -1
}

/// The user attribute that a condition or percentage options read.
struct AttributeReference {
    enum Kind: UInt8 { case identifier, email, country, custom }

    var kind: Kind
    var name: ArrayRange

    /// `Identifier`, where nothing else is named.
    static let identifier = AttributeReference(kind: .identifier, name: .empty)
}

/// A hashed comparison value.
struct CompiledDigest {
    var digest: Digest
    /// Of STARTS WITH and ENDS WITH: how many bytes of the attribute are hashed.
    var length: UInt32
}

/// A comparison version: nil if the text is none, which makes its condition false.
struct CompiledVersion {
    var version: SemanticVersion?
    /// The trimmed text that the version was parsed from.
    var text: ArrayRange
}
