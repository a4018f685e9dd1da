/// A config JSON: the settings of one SDK key, ready to be evaluated.
///
/// A setting that is malformed does not make the config invalid; it fails when it is evaluated, with
/// ``EvaluationErrorCode/invalidConfigModel``.
public struct Config: Sendable {
    let compiled: CompiledConfig

    /// Reads config JSON v6 or v5, or a file of plain values: `{"flags": {"enabled": true}}`.
    ///
    /// - Parameter json: The document as UTF-8.
    /// - Throws: ``ConfigDecodingError`` if it is not JSON, not a config, or larger than 2 GiB.
    public init(json: some Sequence<UInt8>) throws(ConfigDecodingError) {
        try self.init(json: json, limit: ConfigCompiler.maximumSize)
    }

    init(json: some Sequence<UInt8>, limit: Int) throws(ConfigDecodingError) {
        // Before it is copied.
        guard json.underestimatedCount <= limit else { throw .tooLarge(limit) }
        compiled = try ConfigCompiler.compile([.document(Array(json))], limit: limit)
    }

    /// Reads config JSON v6 or v5, or a file of plain values: `{"flags": {"enabled": true}}`.
    ///
    /// - Parameter json: The document.
    /// - Throws: ``ConfigDecodingError`` if it is not JSON, not a config, or larger than 2 GiB.
    public init(json: String) throws(ConfigDecodingError) {
        try self.init(json: json.utf8)
    }

    /// A config of plain values, such as overrides given in code.
    public init(values: [String: SettingValue]) {
        let sorted = values.map { (key: $0.key, value: $0.value) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        // Values need no parsing, so that nothing can be wrong with them unless they have 2 GiB.
        compiled = (try? ConfigCompiler.compile([.values(sorted)])) ?? CompiledConfig(ConfigCompiler())
    }

    private init(compiled: CompiledConfig) {
        self.compiled = compiled
    }

    /// All settings of both configs. Those of this config win, and each keeps the salt and segments of its own; a
    /// prerequisite flag is looked up among all. This config alone, if both together are larger than 2 GiB.
    public func merged(over other: Config) -> Config {
        (try? merging(over: other)) ?? self
    }

    /// Returns the same as ``merged(over:)``.
    ///
    /// - Throws: `ConfigDecodingError` if both together are larger than 2 GiB.
    package func merging(over other: Config) throws(ConfigDecodingError) -> Config {
        try merging(over: other, limit: ConfigCompiler.maximumSize)
    }

    func merging(over other: Config, limit: Int) throws(ConfigDecodingError) -> Config {
        // Before the documents are copied out of their pools.
        let size = compiled.documentSize + other.compiled.documentSize
        guard size <= limit else { throw .tooLarge(limit) }
        return Config(compiled: try ConfigCompiler.compile(other.compiled.inputs + compiled.inputs, limit: limit))
    }

    /// Whether the document has settings at all, even if none: an `f` or `flags` object.
    package var namesSettings: Bool { compiled.sources.contains { $0.namesSettings } }

    /// The layout that the document had.
    public var format: ConfigFormat { compiled.sources.last?.format ?? .v6 }

    /// The keys of all settings, in the order of the document.
    public var keys: [String] {
        compiled.keyStrings
    }

    /// The settings, in the order of the document.
    public var settings: [Setting] {
        compiled.order.map { Setting(config: compiled, index: $0) }
    }

    /// The setting with this key.
    public subscript(key: String) -> Setting? {
        compiled.index(of: key).map { Setting(config: compiled, index: $0) }
    }

    /// The segments that conditions refer to.
    public var segments: [Segment] {
        compiled.segments.indices.map { Segment(config: compiled, index: $0) }
    }
}

extension CompiledConfig {
    fileprivate var documentSize: Int {
        sources.reduce(0) { size, source in
            if case .document(let range) = source.input { size + range.count } else { size }
        }
    }

    /// What would compile to this config again.
    var inputs: [ConfigInput] {
        sources.map { source in
            switch source.input {
            case .document(let range): .document(Array(pool[range]))
            case .values(let values): .values(values)
            }
        }
    }
}

// MARK: - Documents

extension Config {
    /// The document that the config was read from, byte for byte.
    package var document: String {
        guard case .document(let range) = compiled.sources.last?.input else { return "" }
        return String(decoding: compiled.pool[range], as: UTF8.self)
    }

    /// Whether both were read from the same bytes.
    package func isSameDocument(as other: Config) -> Bool {
        if compiled === other.compiled { return true }
        guard case .document(let range) = compiled.sources.last?.input,
            case .document(let otherRange) = other.compiled.sources.last?.input
        else { return false }
        return Bytes.areEqual(compiled.pool[range], other.compiled.pool[otherRange])
    }

    /// The CDN that the document says to use.
    package var baseURL: String? { compiled.preferences.baseURL }
    package var redirectMode: RedirectMode { compiled.preferences.redirectMode }

    /// The keys of settings that another config has not, or writes otherwise, and of those that only it has. What a
    /// setting refers to, such as a segment, does not count.
    package func changedKeys(from other: Config?) -> [String] {
        guard let other else { return keys }
        let (new, old) = (compiled, other.compiled)
        let changed = new.order.indices.filter { place in
            guard let before = old.index(of: new.keyStrings[place]) else { return true }
            return !new.pool[new.settings[new.order[place]].body.range]
                .elementsEqual(old.pool[old.settings[before].body.range])
        }.map { new.keyStrings[$0] }
        return changed + other.keys.filter { compiled.index(of: $0) == nil }
    }
}
