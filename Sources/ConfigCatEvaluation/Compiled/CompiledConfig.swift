import Synchronization

/// A config in the form that is evaluated: flat arrays that refer to each other by index.
///
/// Everything that can be done once is done when the document is decoded: comparison values are parsed, hashes are
/// converted to bytes, segments and prerequisite flags to indices, and malformed parts store their problem. Elements
/// are trivial values in tables without reference counts: evaluation allocates nothing, and threads do not contend.
@usableFromInline
final class CompiledConfig: Sendable {
    /// The documents' bytes, followed by the strings that had escapes.
    let pool: UnsafeTable<UInt8>
    let settings: UnsafeTable<CompiledSetting>
    let keys: KeyTable
    /// The settings that `keys` finds, in the order of the document.
    let order: [Int]
    private let keyList = AtomicLazyReference<KeyList>()
    let rules: UnsafeTable<CompiledRule>
    let conditions: UnsafeTable<CompiledCondition>
    let options: UnsafeTable<CompiledOption>
    let segments: UnsafeTable<CompiledSegment>
    let runs: UnsafeTable<CompiledRuleRun>
    /// The hash tables of `runs`.
    let listed: UnsafeTable<ListedValue>
    /// The comparison values of all conditions: one element, so that matchers can refer to it rather than copy it.
    private let comparisons: UnsafeTable<ComparisonTables>
    /// Values of type String.
    let strings: LazyStrings
    let problems: [String]
    /// The documents that this was compiled from. Later ones take precedence.
    let sources: [ConfigSource]
    let preferences: Preferences
    @usableFromInline let declared = DeclaredSettings()

    init(_ builder: consuming ConfigCompiler) {
        pool = builder.pool.finish()
        // A setting of which there is another one with the same key is not found.
        let areAllFound = builder.keys.count == builder.settings.count
        order = areAllFound ? Array(builder.settings.indices) : builder.keys.indices
        keys = KeyTable(builder.keys, longest: builder.longestKey)
        settings = builder.settings.finish()
        rules = builder.rules.finish()
        conditions = builder.conditions.finish()
        options = builder.options.finish()
        segments = builder.segments.finish()
        runs = builder.runs.finish()
        listed = builder.listed.finish()
        comparisons = UnsafeTable([
            ComparisonTables(
                pool: pool, items: builder.items.finish(), fingerprints: builder.fingerprints.finish(),
                digests: builder.digests.finish(), versions: builder.versions.finish(), seed: builder.seed)
        ])
        strings = LazyStrings(builder.strings.finish(), of: pool)
        problems = builder.problems
        sources = builder.sources
        preferences = builder.preferences
    }

    deinit {
        strings.deallocate()
        pool.deallocate()
        settings.deallocate()
        keys.deallocate()
        rules.deallocate()
        conditions.deallocate()
        options.deallocate()
        segments.deallocate()
        runs.deallocate()
        listed.deallocate()
        declared.deallocate()
        comparison.pointee.items.deallocate()
        comparison.pointee.fingerprints.deallocate()
        comparison.pointee.digests.deallocate()
        comparison.pointee.versions.deallocate()
        comparisons.deallocate()
    }

    var comparison: UnsafePointer<ComparisonTables> { comparisons.address(of: 0) }

    /// The keys of the settings in `order`. They are created when they are first needed.
    var keyStrings: [String] {
        if let list = keyList.load() { return list.keys }
        return keyList.storeIfNil(KeyList(order.map { text(settings[$0].key) })).keys
    }

    private final class KeyList: Sendable {
        let keys: [String]

        init(_ keys: [String]) { self.keys = keys }
    }

    func text(_ slice: ArrayRange) -> String {
        String(decoding: pool[slice.range], as: UTF8.self)
    }

    /// Returns the value that the evaluation of a setting served. The targeting rule and the percentage option are -1
    /// if they were not reached.
    func value(of setting: Int32, rule: Int32, option: Int32) -> CompiledValue {
        if option >= 0 { return options[Int(option)].value }
        if rule >= 0, let value = rules[Int(rule)].value { return value }
        return settings[Int(setting)].value
    }

    func problem(_ index: Int32) -> String? {
        index < 0 ? nil : problems[Int(index)]
    }

    /// Returns the index of the setting with this key.
    @inline(__always)
    func index(of key: String) -> Int? {
        key.withBytes { keys.index(of: $0, in: self) }
    }

    /// Returns the index of the setting that has the key of another config's setting.
    func index(of setting: Int, in other: CompiledConfig) -> Int? {
        keys.index(of: other.pool[other.settings[setting].key.range], in: self)
    }
}

/// The comparison values of conditions, in parsed form.
struct ComparisonTables {
    let pool: UnsafeTable<UInt8>
    /// The items of list comparators, as slices of `pool`.
    let items: UnsafeTable<ArrayRange>
    /// The hash of each item's bytes.
    let fingerprints: UnsafeTable<UInt32>
    /// The hashed comparison values.
    let digests: UnsafeTable<CompiledDigest>
    let versions: UnsafeTable<CompiledVersion>
    /// The seed of the fingerprints.
    let seed: UInt64
}

/// A value of a setting, a rule or an option.
struct CompiledValue {
    enum Kind: UInt8 { case bool, string, int, double, invalid }

    var kind: Kind
    /// The bits of a number, 0 or 1 for a Bool, the index in `strings`, or the index of an invalid value's problem.
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
    /// The type; nil if the document names none, or an unknown one.
    var type: SettingType?
    var value: CompiledValue
    var variationID: ArrayRange?
    var rules: ArrayRange
    var options: ArrayRange
    /// The attribute that percentage options hash; `Identifier` if the document names none.
    var percentageAttribute: AttributeReference
    /// The index of the problem because of which the setting cannot be evaluated at all, or -1.
    var problem: Int32
    /// The JSON text of the setting.
    var body: ArrayRange = .empty

    /// Whether the value is the same for all users.
    var isConstant: Bool { rules.isEmpty && options.isEmpty && problem < 0 }
}

struct CompiledRule {
    var conditions: ArrayRange
    /// The value that the rule serves; nil if it serves percentage options.
    var value: CompiledValue?
    var variationID: ArrayRange?
    var options: ArrayRange
    var problem: Int32
    /// Its place in the document's array, which config JSON v5 need not keep in order.
    var position: UInt32
    /// For the first rule of a run: the index of the run; else -1.
    var run: Int32 = -1
    /// For the rules of a run: the steps of searching the run up to the end of this rule, without those of hashing.
    var steps: UInt32 = 0
}

struct CompiledOption {
    /// The share of users, in percent.
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
        /// A user condition of config JSON v5 whose comparison value is not a number. It is always false.
        case alwaysFalse
        case invalid
    }

    var kind: Kind
    /// Whether the condition is IS NOT IN SEGMENT, or DOES NOT EQUAL for a prerequisite flag.
    var isNegated: Bool = false
    var comparator: UserComparator = .equals
    var attribute: AttributeReference = .identifier
    /// For list comparators: the comparison values, in `items`.
    var items: ArrayRange = .empty
    /// For hashed comparators, the comparison values in `digests`, sorted by length if parts are hashed. For semver
    /// comparators, the comparison values in `versions`.
    var parsed: ArrayRange = .empty
    /// For text comparators with one comparison value, that value. For prerequisite flag conditions, the flag's key.
    var text: ArrayRange = .empty
    /// For hashed comparators: the config's salt, and the setting key or segment name that the condition belongs to.
    var salt: ArrayRange = .empty
    var context: ArrayRange = .empty
    var number: Double = 0
    /// The index of the segment or prerequisite setting.
    var target: Int32 = -1
    /// The value that a prerequisite flag's value is compared with.
    var value: CompiledValue = .bool(false)
    var problem: Int32 = -1
}

/// A reference from a condition or from percentage options to a user attribute.
struct AttributeReference {
    enum Kind: UInt8 { case identifier, email, country, custom }

    var kind: Kind
    var name: ArrayRange

    /// The attribute `Identifier`, for documents that name none.
    static let identifier = AttributeReference(kind: .identifier, name: .empty)
}

/// A hashed comparison value.
struct CompiledDigest {
    var digest: Digest
    /// For STARTS WITH and ENDS WITH comparators: the number of bytes of the attribute that are hashed.
    var length: UInt32
}

/// A comparison value that is a version.
struct CompiledVersion {
    /// The version; nil if the comparison value is not a version, which makes its condition false.
    var version: SemanticVersion?
    /// The trimmed string that the version was parsed from.
    var text: ArrayRange
}
