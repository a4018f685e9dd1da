public import ConfigCat
public import ConfigCatEvaluation

/// A value that a test can give to a setting: `Bool`, `String`, `Int`, `Double` or `SettingValue`.
///
/// Do not add conformances: a setting has no other types.
public protocol TestFlagValue: Sendable {}

extension Bool: TestFlagValue {}
extension String: TestFlagValue {}
extension Int: TestFlagValue {}
extension Double: TestFlagValue {}
extension SettingValue: TestFlagValue {}

/// The settings of a test: values, targeting rules and percentage options.
///
///     var values = TestFlagValues()
///     values[.newCheckout] = true
///     values.set(.searchEngine, to: "vector", where: .email(endsWith: "@example.com"))
///
/// ``TestFlags`` and the trait `flags` give them to clients. Values that JSON cannot express, which are infinite and
/// "not a number", are ignored, and recorded as an issue of the test.
public struct TestFlagValues: Sendable {
    /// The settings with the order in which they were added. Keys are bytes, because clients compare them as bytes.
    private var settings: [[UInt8]: (order: Int, key: String, setting: TestFlagSetting)] = [:]
    private var nextOrder = 0
    /// What these values change of the settings around a test: the keys that were set or removed; nil if everything is
    /// new.
    private var changedKeys: Set<[UInt8]>?
    private var hasSetOutage = true
    /// The preferences and the segments of the loaded config, as JSON.
    private var preferences = "{}"
    private var segments = "[]"

    /// Whether evaluations find no config: they return the default value, with the error code `configJsonNotAvailable`,
    /// as in a process that has never reached the CDN. False by default.
    public var isOutage = false { didSet { hasSetOutage = true } }

    /// Creates values without settings.
    public init() {}

    /// The keys of the settings, in the order in which they were added.
    public var keys: [String] { ordered.map(\.key) }

    /// The settings as config JSON v6, for example for ``ScriptedCDN``.
    public var json: String {
        let texts = ordered.map { "\(JSONEscapes.quoted($0.key)):\($0.setting.json)" }
        return "{\"p\":\(preferences),\"s\":\(segments),\"f\":{\(texts.joined(separator: ","))}}"
    }

    private var ordered: [(order: Int, key: String, setting: TestFlagSetting)] {
        settings.values.sorted { $0.order < $1.order }
    }

    // MARK: - Values

    /// Accesses the value of a declared setting for all users. The value of a setting with rules is the one for users to
    /// whom none applies; nil if there is no such setting, or if it has another type. Setting a value removes the rules;
    /// setting nil removes the setting.
    public subscript<Value: TestFlagValue>(flag: FeatureFlag<Value>) -> Value? {
        get { self[flag.key] }
        set { self[flag.key] = newValue }
    }

    /// Accesses the value of a setting for all users, as the subscript for declared settings does.
    public subscript<Value: TestFlagValue>(key: String) -> Value? {
        get {
            guard let value = self[setting: key]?.value else { return nil }
            return value as? Value ?? value.anyValue as? Value
        }
        set {
            if let newValue { set(key, to: newValue) } else { remove(key) }
        }
    }

    /// Sets the value of a declared setting for all users, and removes its rules.
    public mutating func set<Value: TestFlagValue>(_ flag: FeatureFlag<Value>, to value: Value) {
        set(flag.key, to: value)
    }

    /// Sets the value of a setting for all users, and removes its rules. A setting without a value, or with one of
    /// another type, is replaced.
    public mutating func set<Value: TestFlagValue>(_ key: String, to value: Value) {
        guard let value = Self.settingValue(value, key) else { return }
        self[setting: key] = .built(.init(value: value))
    }

    /// Sets all Boolean settings that there are, and removes their rules. Settings of other types stay.
    ///
    /// - Parameter value: The value for all users.
    public mutating func setAll(to value: Bool) {
        for (_, key, setting) in ordered where setting.type == .bool { set(key, to: value) }
    }

    /// Sets declared Boolean settings.
    ///
    /// - Parameters:
    ///   - flags: The settings.
    ///   - value: The value for all users.
    public mutating func setAll(_ flags: [FeatureFlag<Bool>], to value: Bool) {
        for flag in flags { set(flag, to: value) }
    }

    /// Removes a declared setting. Its evaluation then fails with `settingKeyMissing`.
    public mutating func remove<Value>(_ flag: FeatureFlag<Value>) { remove(flag.key) }

    /// Removes a setting. Its evaluation then fails with `settingKeyMissing`.
    public mutating func remove(_ key: String) { self[setting: key] = nil }

    // MARK: - Rules

    /// Adds a targeting rule to a declared setting.
    ///
    /// - Parameters:
    ///   - flag: The setting.
    ///   - value: The value for users who meet all conditions.
    ///   - conditions: The conditions. Rules apply in the order in which they were added; one with the same conditions
    ///     as an earlier one replaces it.
    ///   - otherwise: The value for users to whom no rule applies. If nil, it stays; a new setting has the flag's default
    ///     value.
    public mutating func set<Value: TestFlagValue>(
        _ flag: FeatureFlag<Value>, to value: Value, where conditions: TestFlagCondition..., otherwise: Value? = nil
    ) {
        add(flag.key, value, conditions, otherwise, flag.defaultValue)
    }

    /// Adds a targeting rule to a setting.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - value: The value for users who meet all conditions.
    ///   - conditions: The conditions. Rules apply in the order in which they were added; one with the same conditions
    ///     as an earlier one replaces it.
    ///   - otherwise: The value for users to whom no rule applies. If nil, it stays; a new setting has `false`, an empty
    ///     string or 0.
    public mutating func set<Value: TestFlagValue>(
        _ key: String, to value: Value, where conditions: TestFlagCondition..., otherwise: Value? = nil
    ) {
        add(key, value, conditions, otherwise, nil)
    }

    /// Gives shares of all users different values of a declared setting. Its rules stay.
    ///
    /// - Parameters:
    ///   - flag: The setting.
    ///   - percentages: The shares in percent, from 0 to 100, which add up to 100, and their values. As in production,
    ///     the setting's key and the attribute decide which users are in which share.
    ///   - attribute: The user attribute to choose by; the identifier if nil.
    /// - Throws: ``TestFlagsError`` if the percentages do not add up to 100, or one is negative.
    public mutating func set<Value: TestFlagValue>(
        _ flag: FeatureFlag<Value>, percentages: [(percentage: Double, value: Value)], by attribute: String? = nil
    ) throws(TestFlagsError) {
        try add(flag.key, percentages, attribute, flag.defaultValue)
    }

    /// Gives shares of all users different values of a setting. Its rules stay.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - percentages: The shares in percent, from 0 to 100, which add up to 100, and their values. As in production,
    ///     the setting's key and the attribute decide which users are in which share.
    ///   - attribute: The user attribute to choose by; the identifier if nil.
    /// - Throws: ``TestFlagsError`` if the percentages do not add up to 100, or one is negative.
    public mutating func set<Value: TestFlagValue>(
        _ key: String, percentages: [(percentage: Double, value: Value)], by attribute: String? = nil
    ) throws(TestFlagsError) {
        try add(key, percentages, attribute, nil)
    }

    mutating func add<Value: TestFlagValue>(
        _ key: String, _ value: Value, _ conditions: [TestFlagCondition], _ otherwise: Value?, _ defaultValue: Value?
    ) {
        guard let value = Self.settingValue(value, key) else { return }
        if conditions.contains(where: { !$0.isFinite }) {
            return Misuse.report(
                "The rule of '\(key)' is ignored: a condition compares with a number that is not finite.")
        }
        guard var setting = built(key, value.type, otherwise, defaultValue) else { return }
        let rule = TestFlagSetting.Built.Rule(conditions: conditions.map(\.json), value: value)
        if let index = setting.rules.firstIndex(where: { $0.conditions == rule.conditions }) {
            setting.rules[index] = rule
        } else {
            setting.rules.append(rule)
        }
        self[setting: key] = .built(setting)
    }

    mutating func add<Value: TestFlagValue>(
        _ key: String, _ percentages: [(percentage: Double, value: Value)], _ attribute: String?, _ defaultValue: Value?
    ) throws(TestFlagsError) {
        let sum = percentages.reduce(0) { $0 + $1.percentage }
        guard percentages.allSatisfy({ $0.percentage >= 0 }), abs(sum - 100) < 1e-6 else {
            throw TestFlagsError(
                code: .invalidPercentages,
                message: "The percentages of '\(key)' are \(percentages.map { DecimalFormat.text($0.percentage) }): "
                    + "they have to be from 0 to 100, and add up to 100.")
        }
        var options: [(percentage: Double, value: SettingValue)] = []
        for (percentage, value) in percentages {
            guard let value = Self.settingValue(value, key) else { return }
            options.append((percentage, value))
        }
        guard let type = options.first?.value.type, var setting = built(key, type, nil, defaultValue) else { return }
        setting.options = options
        setting.percentageAttribute = attribute
        self[setting: key] = .built(setting)
    }

    /// Returns the setting to add a rule to. The rules of a loaded setting are not kept.
    private func built<Value: TestFlagValue>(
        _ key: String, _ type: SettingType, _ otherwise: Value?, _ defaultValue: Value?
    ) -> TestFlagSetting.Built? {
        let old = self[setting: key]
        var value = old?.value?.type == type ? old?.value : nil
        if let otherwise {
            guard let other = Self.settingValue(otherwise, key) else { return nil }
            value = other
        }
        value = value ?? defaultValue.flatMap { Self.settingValue($0, key) } ?? Self.emptyValue(type)
        guard case .built(var setting)? = old, setting.value.type == type else { return value.map { .init(value: $0) } }
        setting.value = value ?? setting.value
        return setting
    }

    // MARK: - Configs

    /// Replaces all settings by those of a config file.
    ///
    /// - Parameter path: The path of a file with config JSON, v6 or v5, or with plain values: `{"flags": {key: value}}`.
    /// - Throws: `OverrideError` if the file is absent, unreadable, not JSON or not a config; ``TestFlagsError`` if it
    ///   compares SHA-1 hashes of config JSON v5.
    public mutating func load(contentsOfFile path: String) throws { try load(Config(contentsOfFile: path)) }

    /// Replaces all settings by those of a config.
    ///
    /// - Parameter json: Config JSON, v6 or v5, or plain values: `{"flags": {key: value}}`.
    /// - Throws: `ConfigDecodingError` if it is not JSON or not a config; ``TestFlagsError`` if it compares SHA-1 hashes of
    ///   config JSON v5.
    public mutating func load(json: String) throws { try load(Config(json: json)) }

    private mutating func load(_ config: Config) throws {
        var json = config.document
        if config.format != .v6 {
            let (text, losses) = ConfigWriter.version6(config)
            if let loss = losses.first {
                throw TestFlagsError(
                    code: .invalidConfig,
                    message: "The setting '\(loss.setting)' cannot be loaded: \(loss.place): \(loss.reason).")
            }
            json = text
        }
        let bytes = Array(json.utf8)
        let document = try JSONDocument(bytes)
        func text(_ node: Int?, or empty: String) -> String {
            node.map { String(decoding: bytes[document.nodes[$0].range], as: UTF8.self) } ?? empty
        }
        var loaded = Self()
        (loaded.isOutage, loaded.hasSetOutage) = (isOutage, hasSetOutage)
        loaded.preferences = text(document.member("p", of: document.root), or: "{}")
        loaded.segments = text(document.member("s", of: document.root), or: "[]")
        if let settings = document.member("f", of: document.root) {
            document.forEachMember(of: settings) { name, value in
                let key = document.text(of: name)
                let setting = config[key]
                loaded[setting: key] = .loaded(json: text(value, or: "{}"), type: setting?.type, value: setting?.value)
            }
        }
        self = loaded
    }

    /// The config that clients evaluate; nil in an outage.
    func config(json: String) -> Config? {
        if isOutage { return nil }
        do {
            return try Config(json: json)
        } catch {
            Misuse.report("The test flags are not a config: \(error)")
            return nil
        }
    }

    // MARK: - Changes of a test

    /// These values, to which a test makes changes.
    var withoutChanges: Self {
        var values = self
        (values.changedKeys, values.hasSetOutage) = ([], false)
        return values
    }

    /// Returns these values with the changes of a test.
    func changed(by test: Self) -> Self {
        var values = withoutChanges
        if let keys = test.changedKeys {
            let set = keys.sorted { (test.settings[$0]?.order ?? 0) < (test.settings[$1]?.order ?? 0) }
            for key in set { values[setting: String(decoding: key, as: UTF8.self)] = test.settings[key]?.setting }
        } else {
            values = test
            if !test.hasSetOutage { (values.isOutage, values.hasSetOutage) = (isOutage, false) }
        }
        if test.hasSetOutage { values.isOutage = test.isOutage }
        return values
    }

    // MARK: - Parts

    private subscript(setting key: String) -> TestFlagSetting? {
        get { settings[Array(key.utf8)]?.setting }
        set {
            let bytes = Array(key.utf8)
            changedKeys?.insert(bytes)
            guard let newValue else { return settings[bytes] = nil }
            if settings[bytes] == nil { nextOrder += 1 }
            settings[bytes] = (settings[bytes]?.order ?? nextOrder, key, newValue)
        }
    }

    private static func settingValue(_ value: some TestFlagValue, _ key: String) -> SettingValue? {
        let found = value as? SettingValue ?? SettingValue(any: value)
        if let found, found.isFinite { return found }
        Misuse.report("The value \(value) of '\(key)' is ignored: no setting can have it.")
        return nil
    }

    private static func emptyValue(_ type: SettingType) -> SettingValue? {
        switch type {
        case .bool: .bool(false)
        case .string: .string("")
        case .int: .int(0)
        case .double: .double(0)
        }
    }
}
