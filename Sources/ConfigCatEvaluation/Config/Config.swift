/// A config: the settings and segments of one SDK key, ready to be evaluated.
///
///     let config = try Config(json: #"{"flags": {"newCheckout": true}}"#)
///     let isEnabled = config["newCheckout"]?.value == .bool(true)
///
/// A setting that is malformed does not make the config invalid; it fails when it is evaluated, with
/// ``EvaluationErrorCode/invalidConfigModel``.
public struct Config: Sendable {
    @usableFromInline let compiled: CompiledConfig

    /// Creates a config from config JSON v6 or v5, or from plain values: `{"flags": {"enabled": true}}`.
    ///
    /// - Parameter json: The document in UTF-8.
    /// - Throws: ``ConfigDecodingError`` if the document is not JSON, not a config, or larger than 2 GiB.
    public init(json: some Sequence<UInt8>) throws(ConfigDecodingError) {
        try self.init(json: json, limit: ConfigCompiler.maximumSize)
    }

    init(json: some Sequence<UInt8>, limit: Int) throws(ConfigDecodingError) {
        // Checked before the document is copied.
        guard json.underestimatedCount <= limit else { throw .tooLarge(limit) }
        var document = GrowingTable<UInt8>()
        document.append(copying: json)
        compiled = try ConfigCompiler.compile(document, limit: limit)
    }

    /// Creates a config from the document in a buffer, which is empty afterwards.
    ///
    /// - Throws: ``ConfigDecodingError`` if the document is not JSON, not a config, or larger than 2 GiB.
    package init(taking buffer: DocumentBuffer) throws(ConfigDecodingError) {
        compiled = try ConfigCompiler.compile(buffer.take())
    }

    /// Creates a config from config JSON v6 or v5, or from plain values: `{"flags": {"enabled": true}}`.
    ///
    /// - Parameter json: The document.
    /// - Throws: ``ConfigDecodingError`` if the document is not JSON, not a config, or larger than 2 GiB.
    public init(json: String) throws(ConfigDecodingError) {
        try self.init(json: json.utf8)
    }

    /// Creates a config from plain values, such as overrides that are given in code.
    ///
    /// - Parameter values: The values by setting key.
    public init(values: [String: SettingValue]) {
        let sorted = values.map { (key: $0.key, value: $0.value) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        // Values need no parsing, so this fails only if they are larger than 2 GiB.
        compiled =
            (try? ConfigCompiler.compile([.values(sorted)], in: GrowingTable()))
            ?? CompiledConfig(ConfigCompiler(documents: GrowingTable()))
    }

    private init(compiled: CompiledConfig) {
        self.compiled = compiled
    }

    /// Returns a config with the settings of both configs.
    ///
    /// If both have a setting with the same key, the setting of this config is used. Each setting keeps the salt and
    /// the segments of the config it comes from. Prerequisite flags are looked up among all settings.
    ///
    /// - Parameter other: The config whose settings have lower precedence.
    /// - Returns: The merged config, or this config if both together are larger than 2 GiB.
    public func merged(over other: Config) -> Config {
        (try? merging(over: other)) ?? self
    }

    /// Returns the same as ``merged(over:)``.
    ///
    /// - Throws: ``ConfigDecodingError`` if both together are larger than 2 GiB.
    package func merging(over other: Config) throws(ConfigDecodingError) -> Config {
        try merging(over: other, limit: ConfigCompiler.maximumSize)
    }

    func merging(over other: Config, limit: Int) throws(ConfigDecodingError) -> Config {
        // Checked before the documents are copied.
        let size = compiled.documentSize + other.compiled.documentSize
        guard size <= limit else { throw .tooLarge(limit) }
        var documents = GrowingTable<UInt8>()
        documents.reserveCapacity(size)
        let inputs = other.compiled.copyInputs(to: &documents) + compiled.copyInputs(to: &documents)
        return Config(compiled: try ConfigCompiler.compile(inputs, in: documents, limit: limit))
    }

    /// Whether the document has an object for settings, `f` or `flags`, even if it is empty.
    package var namesSettings: Bool { compiled.sources.contains { $0.namesSettings } }

    /// The layout of the document.
    public var format: ConfigFormat { compiled.sources.last?.format ?? .v6 }

    /// The keys of all settings, in the order of the document.
    public var keys: [String] {
        compiled.keyStrings
    }

    /// The settings, in the order of the document.
    public var settings: [Setting] {
        compiled.order.map { Setting(config: compiled, index: $0) }
    }

    /// Accesses the setting with this key; nil if the config has none.
    public subscript(key: String) -> Setting? {
        compiled.index(of: key).map { Setting(config: compiled, index: $0) }
    }

    /// The segments of the config, in the order of the document.
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

    /// Appends the documents from which this config was compiled. Returns its inputs, with the new places of the
    /// documents.
    fileprivate func copyInputs(to documents: inout GrowingTable<UInt8>) -> [ConfigSource.Input] {
        var inputs: [ConfigSource.Input] = []
        for source in sources {
            guard case .document(let range) = source.input else {
                inputs.append(source.input)
                continue
            }
            let start = documents.count
            documents.append(contentsOf: pool[range])
            inputs.append(.document(start..<documents.count))
        }
        return inputs
    }
}

// MARK: - Documents

extension Config {
    /// The document that the config was created from, byte for byte; empty if it was created from plain values.
    package var document: String {
        guard case .document(let range) = compiled.sources.last?.input else { return "" }
        return String(decoding: compiled.pool[range], as: UTF8.self)
    }

    /// Returns whether both configs were created from the same bytes. Configs of plain values are the same only if one
    /// is a copy of the other.
    package func isSameDocument(as other: Config) -> Bool {
        if compiled === other.compiled { return true }
        guard case .document(let range) = compiled.sources.last?.input,
            case .document(let otherRange) = other.compiled.sources.last?.input
        else { return false }
        return Bytes.areEqual(compiled.pool[range], other.compiled.pool[otherRange])
    }

    /// The URL of the CDN that the document refers clients to.
    package var baseURL: String? { compiled.preferences.baseURL }
    package var redirectMode: RedirectMode { compiled.preferences.redirectMode }

    /// Returns the keys of the settings that were added, changed or removed since another config.
    ///
    /// A setting has changed if its JSON text has. A change of a segment that it refers to does not count.
    package func changedKeys(from other: Config?) -> [String] {
        guard let other else { return keys }
        let (new, old) = (compiled, other.compiled)
        func key(_ index: Int, of config: CompiledConfig) -> String { config.text(config.settings[index].key) }
        let changed = new.order.filter { index in
            guard let before = old.index(of: index, in: new) else { return true }
            // The text of a plain value is without quotes: "1" and 1 differ by their type.
            return new.settings[index].type != old.settings[before].type
                || !Bytes.areEqual(
                    new.pool[new.settings[index].body.range], old.pool[old.settings[before].body.range])
        }
        let removed = old.order.filter { new.index(of: $0, in: old) == nil }
        return changed.map { key($0, of: new) } + removed.map { key($0, of: old) }
    }
}
