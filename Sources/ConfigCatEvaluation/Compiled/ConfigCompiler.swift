/// Builds a compiled config from one or more documents. Later ones take precedence.
///
/// Malformed parts are not rejected. They are compiled with their problem, so that only an evaluation that reaches one
/// fails.
struct ConfigCompiler: ~Copyable {
    /// The greatest size of all documents with their unescaped strings, in bytes. Offsets into the pool have 32 bits.
    static let maximumSize = Int(Int32.max)

    /// The greatest size of a document that is parsed at once, in bytes. A larger one is checked, and then its settings
    /// are parsed one at a time, because the nodes of all would need more memory than the document.
    static let wholeSize = 1 << 20

    private(set) var pool: CompilerPool
    var settings = GrowingTable<CompiledSetting>()
    let seed = UInt64.random(in: .min ... .max)
    var keys = HashIndex(capacity: 0, seed: 0)
    /// The length of the longest key, in bytes.
    private(set) var longestKey = 0
    var rules = GrowingTable<CompiledRule>()
    var conditions = GrowingTable<CompiledCondition>()
    var options = GrowingTable<CompiledOption>()
    var segments = GrowingTable<CompiledSegment>()
    var items = GrowingTable<ArrayRange>()
    var fingerprints = GrowingTable<UInt32>()
    var digests = GrowingTable<CompiledDigest>()
    var versions = GrowingTable<CompiledVersion>()
    var runs = GrowingTable<CompiledRuleRun>()
    var listed = GrowingTable<ListedValue>()
    /// The values of type String.
    var strings = GrowingTable<ArrayRange>()
    var problems: [String] = []
    var sources: [ConfigSource] = []
    var preferences = Preferences()

    /// Parses the settings and segments of large documents, one at a time.
    var parser = JSONParser()

    private var problemIndices: [String: Int32] = [:]
    private let limit: Int
    private let wholeSize: Int
    /// Whether the pool was too small for a string. If so, compiling throws.
    private var isTooLarge = false

    init(documents: consuming GrowingTable<UInt8>, limit: Int = maximumSize, wholeSize: Int = wholeSize) {
        pool = CompilerPool(documents: documents)
        self.limit = limit
        self.wholeSize = wholeSize
    }

    /// Compiles one document.
    ///
    /// - Throws: ``ConfigDecodingError`` if it is not JSON, not a config, or larger than `limit`.
    static func compile(
        _ document: consuming GrowingTable<UInt8>, limit: Int = maximumSize, wholeSize: Int = wholeSize
    ) throws(ConfigDecodingError) -> CompiledConfig {
        let range = document.indices
        return try compile([.document(range)], in: document, limit: limit, wholeSize: wholeSize)
    }

    /// Compiles all inputs into one config.
    ///
    /// - Parameters:
    ///   - inputs: Values, and ranges of `documents`.
    ///   - documents: The bytes of all documents, one after the other.
    ///   - limit: The greatest size in bytes.
    ///   - wholeSize: The greatest size of a document that is parsed at once.
    /// - Returns: The config.
    /// - Throws: ``ConfigDecodingError`` if one is not JSON, not a config, or if all together are larger than `limit`.
    static func compile(
        _ inputs: [ConfigSource.Input], in documents: consuming GrowingTable<UInt8>, limit: Int = maximumSize,
        wholeSize: Int = wholeSize
    ) throws(ConfigDecodingError) -> CompiledConfig {
        // Checked before a document is parsed, which takes several times its memory.
        guard documents.count <= limit else { throw .tooLarge(limit) }
        var compiler = ConfigCompiler(documents: documents, limit: limit, wholeSize: wholeSize)
        for input in inputs {
            switch input {
            case .document(let range): try compiler.add(range)
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

    private mutating func add(_ range: Range<Int>) throws(ConfigDecodingError) {
        let isWhole = range.count <= wholeSize
        let document: JSONDocument
        do {
            document = try JSONDocument(
                unowned: pool.document(range), keptDepth: isWhole ? .max : DocumentReader.depthOfParts)
        } catch {
            throw ConfigDecodingError(code: .notJSON, message: "not JSON: \(error)")
        }
        // The tables of the document are freed with it, and not before the last address of a node is used.
        defer { withExtendedLifetime(document) {} }
        guard document.kind(of: document.root) == .object else {
            throw ConfigDecodingError(code: .notAConfig, message: "not a config: the JSON text is not an object")
        }
        let base = range.lowerBound
        sources.append(ConfigSource(input: .document(range)))

        if let flags = document.member("flags", of: document.root) {
            try require(flags, in: document, "flags")
            sources[sources.count - 1].format = .flags
            addFlags(flags, from: DocumentReader(document, base: base, isWhole: isWhole))
            return
        }
        guard let settings = document.member("f", of: document.root) else {
            sources[sources.count - 1].namesSettings = false
            readPreferences(of: document)
            return
        }
        try require(settings, in: document, "f")
        readPreferences(of: document)
        let reader = DocumentReader(document, base: base, isWhole: isWhole)
        if isVersion5(settings, from: reader) {
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
    private mutating func isVersion5(_ settings: Int, from reader: DocumentReader) -> Bool {
        var isBare = false
        let isWrapped = reader.document.containsMember(of: settings) { _, node in
            let (part, setting) = reader.part(node, &parser)
            guard let value = part.document.member("v", of: setting) else { return false }
            if part.isKind(value, .object) { return true }
            isBare = true
            return false
        }
        return isBare && !isWrapped
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
                case .string(let string): self.string(append(string))
                }
            var setting = plainSetting(key: append(key), type: value.type, value: compiled)
            setting.body = append(value.description)
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

    private mutating func append(_ text: String) -> ArrayRange {
        append(atMost: text.utf8.count) { pool in text.withBytes { pool.append(contentsOf: $0) } }
    }

    /// Appends a string of at most `count` bytes, which `text` writes.
    mutating func append(atMost count: Int, _ text: (inout GrowingTable<UInt8>) -> Void) -> ArrayRange {
        guard count <= limit - pool.count else {
            isTooLarge = true
            return .empty
        }
        return pool.append(text)
    }

    mutating func string(_ text: ArrayRange) -> CompiledValue {
        strings.append(text)
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
        for index in settings.indices {
            longestKey = max(longestKey, Int(settings[index].key.count))
            Bytes.withBytes(settings[index].key, of: pool) { key in
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
        pool.withBytes(slice) { String(decoding: $0, as: UTF8.self) }
    }
}
