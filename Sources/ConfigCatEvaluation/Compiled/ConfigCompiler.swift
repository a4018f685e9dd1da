/// Builds a compiled config from one or more documents. Later ones take precedence.
///
/// Malformed parts are not rejected. They are compiled with their problem, so that only an evaluation that reaches one
/// fails.
struct ConfigCompiler: ~Copyable {
    /// The greatest size of all documents with their unescaped strings, in bytes. Offsets into the pool have 32 bits.
    static let maximumSize = Int(Int32.max)

    private(set) var pool: [UInt8] = []
    var settings: [CompiledSetting] = []
    let seed = UInt64.random(in: .min ... .max)
    var keys = HashIndex(capacity: 0, seed: 0)
    var rules: [CompiledRule] = []
    var conditions: [CompiledCondition] = []
    var options: [CompiledOption] = []
    var segments: [CompiledSegment] = []
    var items: [ArrayRange] = []
    var fingerprints: [UInt32] = []
    var digests: [CompiledDigest] = []
    var versions: [CompiledVersion] = []
    var runs: [CompiledRuleRun] = []
    var listed: [ListedValue] = []
    var strings: [String] = []
    var problems: [String] = []
    var sources: [ConfigSource] = []
    var preferences = Preferences()

    private var problemIndices: [String: Int32] = [:]
    private let limit: Int
    /// Whether the pool was too small for a string. If so, compiling throws.
    private var isTooLarge = false

    init(limit: Int = maximumSize) {
        self.limit = limit
    }

    /// Compiles all inputs into one config.
    ///
    /// - Throws: ``ConfigDecodingError`` if one is not JSON, not a config, or if all together are larger than `limit`.
    static func compile(
        _ inputs: [ConfigInput], limit: Int = maximumSize
    ) throws(ConfigDecodingError) -> CompiledConfig {
        var compiler = ConfigCompiler(limit: limit)
        for input in inputs {
            switch input {
            case .document(let bytes): try compiler.add(bytes)
            case .values(let values): compiler.add(values)
            }
            if compiler.isTooLarge { throw .tooLarge(limit) }
        }
        compiler.buildKeys()
        compiler.resolvePrerequisites()
        compiler.buildRuleRuns()
        return CompiledConfig(compiler)
    }

    // MARK: - Documents

    private mutating func add(_ bytes: [UInt8]) throws(ConfigDecodingError) {
        // Checked before the document is parsed, which takes several times its memory.
        guard bytes.count <= limit - pool.count else { throw .tooLarge(limit) }
        let document: JSONDocument
        do {
            document = try JSONDocument(bytes)
        } catch {
            throw ConfigDecodingError(code: .notJSON, message: "not JSON: \(error)")
        }
        guard document.kind(of: document.root) == .object else {
            throw ConfigDecodingError(code: .notAConfig, message: "not a config: the JSON text is not an object")
        }
        let base = pool.count
        if pool.isEmpty { pool = bytes } else { pool.append(contentsOf: bytes) }
        let source = ConfigSource(input: .document(base..<pool.count))
        sources.append(source)

        if let flags = document.member("flags", of: document.root) {
            try require(flags, in: document, "flags")
            sources[sources.count - 1].format = .flags
            addFlags(flags, from: DocumentReader(document, base: base))
            return
        }
        guard let settings = document.member("f", of: document.root) else {
            sources[sources.count - 1].namesSettings = false
            readPreferences(of: document)
            return
        }
        try require(settings, in: document, "f")
        readPreferences(of: document)
        let reader = DocumentReader(document, base: base)
        if Self.isVersion5(settings, in: document) {
            sources[sources.count - 1].format = .v5
            addVersion5(settings, from: reader)
        } else {
            addVersion6(settings, from: reader)
        }
    }

    private func require(_ node: Int, in document: JSONDocument, _ name: String) throws(ConfigDecodingError) {
        guard document.kind(of: node) == .object else {
            throw ConfigDecodingError(code: .notAConfig, message: "not a config: '\(name)' is not an object")
        }
    }

    /// Returns whether settings are of version 5, in which values are not wrapped in objects. If at least one value is
    /// an object, the version is 6, and bare values are malformed.
    private static func isVersion5(_ settings: Int, in document: JSONDocument) -> Bool {
        var bare = false
        var wrapped = false
        document.forEachMember(of: settings) { _, setting in
            guard !wrapped, document.kind(of: setting) == .object else { return }
            if let value = document.member("v", of: setting) {
                if document.kind(of: value) == .object { wrapped = true } else { bare = true }
            }
        }
        return bare && !wrapped
    }

    private mutating func readPreferences(of document: JSONDocument) {
        guard let node = document.member("p", of: document.root), document.kind(of: node) == .object else { return }
        preferences = Preferences()
        if let url = document.member("u", of: node), document.kind(of: url) == .string {
            preferences.baseURL = document.text(of: url)
        }
        if let mode = document.member("r", of: node), let number = document.integer(of: mode) {
            preferences.redirectMode = RedirectMode(rawValue: number) ?? .none
        }
    }

    /// Adds values that are given in code rather than in a document.
    private mutating func add(_ values: [(key: String, value: SettingValue)]) {
        sources.append(ConfigSource(input: .values(values), format: .flags))
        for (key, value) in values {
            let compiled: CompiledValue =
                switch value {
                case .bool(let bool): .bool(bool)
                case .int(let int): .int(int)
                case .double(let double): .double(double)
                case .string(let string): self.string(string, text: append(string.utf8))
                }
            var setting = plainSetting(key: append(key.utf8), type: value.type, value: compiled)
            setting.body = append(value.description.utf8)
            settings.append(setting)
        }
    }

    /// Creates a setting without rules and options.
    func plainSetting(
        key: ArrayRange, type: SettingType?, value: CompiledValue, problem: Int32 = -1
    ) -> CompiledSetting {
        CompiledSetting(
            key: key, type: type, value: value, variationID: nil, rules: .empty, options: .empty,
            percentageAttribute: .identifier, problem: problem)
    }

    // MARK: - Parts

    mutating func append(_ text: some Collection<UInt8>) -> ArrayRange {
        append(atMost: text.count) { $0.append(contentsOf: text) }
    }

    /// Appends a string of at most `count` bytes, which `text` writes.
    mutating func append(atMost count: Int, _ text: (inout [UInt8]) -> Void) -> ArrayRange {
        guard count <= limit - pool.count else {
            isTooLarge = true
            return .empty
        }
        let start = pool.count
        text(&pool)
        return ArrayRange(from: start, to: pool.count)
    }

    mutating func string(_ string: String, text: ArrayRange) -> CompiledValue {
        strings.append(string)
        return CompiledValue(kind: .string, bits: UInt64(strings.count - 1), text: text)
    }

    /// Returns the index of a problem. Each problem is stored once, and their number is limited, so that the problems
    /// do not need more memory than the document.
    mutating func problem(_ text: String) -> Int32 {
        if let known = problemIndices[text] { return known }
        let text = problems.count < 10_000 ? text : "malformed"
        if let known = problemIndices[text] { return known }
        problems.append(text)
        let index = Int32(problems.count - 1)
        problemIndices[text] = index
        return index
    }

    mutating func appendItem(_ text: ArrayRange) {
        items.append(text)
        fingerprints.append(Bytes.withBytes(text, of: pool) { ByteHash.hash($0, seed: seed) })
    }

    /// Returns a slice without the white space around it.
    func trimmed(_ text: ArrayRange) -> ArrayRange {
        let range = Bytes.withBytes(text, of: pool, Whitespace.trimmedRange)
        let start = text.range.lowerBound
        return ArrayRange(from: start + range.lowerBound, to: start + range.upperBound)
    }

    mutating func appendVersion(_ text: ArrayRange) {
        let text = trimmed(text)
        versions.append(CompiledVersion(version: Bytes.withBytes(text, of: pool) { SemanticVersion($0) }, text: text))
    }

    // MARK: - Keys and prerequisite flags

    private mutating func buildKeys() {
        var keys = HashIndex(capacity: settings.count, seed: seed)
        for (index, setting) in settings.enumerated() {
            Bytes.withBytes(setting.key, of: pool) { key in
                keys.insert(index, key) { Bytes.areEqual(key, settings[$0].key, of: pool) }
            }
        }
        self.keys = keys
    }

    /// Looks up prerequisite flags, once all settings are known, and checks the type of their comparison values.
    private mutating func resolvePrerequisites() {
        for index in conditions.indices where conditions[index].kind == .prerequisite {
            let condition = conditions[index]
            guard let target = setting(withKey: condition.text) else {
                fail(index, "the prerequisite flag '\(text(condition.text))' does not exist")
                continue
            }
            conditions[index].target = Int32(target)
            guard let type = settings[target].type else {
                fail(index, "the prerequisite flag '\(text(condition.text))' has no valid type")
                continue
            }
            guard condition.value.type == type else {
                fail(
                    index,
                    "type mismatch between the comparison value and the prerequisite flag "
                        + "'\(text(condition.text))': \(condition.value.type.map(String.init(describing:)) ?? "none") and \(type)"
                )
                continue
            }
        }
    }

    private func setting(withKey key: ArrayRange) -> Int? {
        Bytes.withBytes(key, of: pool) { bytes in
            keys.index(of: bytes) { Bytes.areEqual(bytes, settings[$0].key, of: pool) }
        }
    }

    private mutating func fail(_ condition: Int, _ text: String) {
        conditions[condition].kind = .invalid
        conditions[condition].problem = problem(text)
    }

    func text(_ slice: ArrayRange) -> String {
        String(decoding: pool[slice.range], as: UTF8.self)
    }
}
