public import ConfigCatEvaluation
public import Logging

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// An immutable view of a config and a default user, for synchronous evaluation.
///
///     let snapshot = client.snapshot()
///     let isEnabled = snapshot.getValue(for: "newCheckout", defaultValue: false, user: user)
///     let limit = snapshot.getValue(for: "limit", defaultValue: 10, user: user)
///
/// Evaluation does no I/O, takes no lock, never throws and never waits.
public final class ConfigCatClientSnapshot: Sendable {
    /// How current the config was when the snapshot was taken.
    public let cacheState: ClientCacheState
    /// When the config was downloaded or last confirmed to be current; `Date.distantPast` if there is none.
    public let fetchTime: Date
    /// The config; nil if none was loaded.
    public let config: Config?

    /// Where the config comes from, and its ETag; nil if there is none.
    package let origin: ConfigOrigin?

    private let defaultUser: ConfigCatUser?
    /// The values that were evaluated for the default user; nil if the snapshot was not made for a user.
    private let memo: EvaluationMemo?
    private let log: EventLogger
    /// The hooks of the client that the snapshot comes from; nil if it does not come from a client.
    private let hooks: Hooks?

    /// Creates a snapshot of a config that does not come from a client, but, for example, from a file.
    ///
    /// - Parameters:
    ///   - config: The config to evaluate.
    ///   - defaultUser: The user for evaluations that are not given one.
    ///   - logger: The logger for events; by default, one with the label `configcat` and the level `warning`. At the
    ///     level `info`, each evaluation is explained in the log, which takes time.
    public convenience init(config: Config, defaultUser: ConfigCatUser? = nil, logger: Logger? = nil) {
        self.init(
            config: config, cacheState: .hasLocalOverrideFlagDataOnly, fetchTime: .distantPast,
            defaultUser: defaultUser, log: EventLogger(logger ?? ConfigCatLogging.defaultLogger))
    }

    package init(
        config: Config?, cacheState: ClientCacheState, fetchTime: Date, defaultUser: ConfigCatUser?, log: EventLogger,
        hooks: Hooks? = nil, origin: ConfigOrigin? = nil, memo: EvaluationMemo? = nil
    ) {
        self.hooks = hooks
        self.memo = memo
        self.origin = origin
        self.config = config
        self.cacheState = cacheState
        self.fetchTime = fetchTime
        self.defaultUser = defaultUser
        self.log = log
    }

    /// Returns a copy, as another object; its cache state is this snapshot's if none is given.
    func copy(cacheState: ClientCacheState? = nil) -> ConfigCatClientSnapshot {
        ConfigCatClientSnapshot(
            config: config, cacheState: cacheState ?? self.cacheState, fetchTime: fetchTime, defaultUser: defaultUser,
            log: log, hooks: hooks, origin: origin, memo: memo)
    }

    /// Returns a snapshot for a user: evaluations that are not given another user are for this one, and values are
    /// remembered. It is meant for the settings that one request reads, and may be shared by its tasks.
    ///
    ///     let flags = client.snapshot().with(user: user)
    ///     let isEnabled = flags.value(of: .newCheckout)
    ///
    /// An evaluation is computed again if it failed or gave a warning, or if it is asked for its details. While evaluations
    /// are explained in the log, or there are handlers or observers of evaluations, each one is, so that they get all of
    /// them.
    ///
    /// - Parameter user: The user.
    /// - Returns: A snapshot of the same config.
    public func with(user: ConfigCatUser) -> ConfigCatClientSnapshot {
        ConfigCatClientSnapshot(
            config: config, cacheState: cacheState, fetchTime: fetchTime, defaultUser: user, log: log, hooks: hooks,
            origin: origin, memo: config.map(EvaluationMemo.init))
    }

    /// Returns the value of a setting for a user.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - defaultValue: The value to return if the setting cannot be evaluated. Its type has to be the setting's:
    ///     `Bool`, `String`, `Int`, `Double`, one of their optionals, or `Any`.
    ///   - user: The user; the default user if nil.
    /// - Returns: The value, or `defaultValue` if the setting cannot be evaluated.
    @inlinable
    public func getValue<Value>(for key: String, defaultValue: Value, user: ConfigCatUser? = nil) -> Value {
        value(lookup(key, user == nil), key, defaultValue, user)
    }

    /// Returns the value of a setting for a user, and the reason for it.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - defaultValue: The value to return if the setting cannot be evaluated. Its type has to be the setting's.
    ///   - user: The user; the default user if nil.
    /// - Returns: The value, and the rule, percentage option or error that led to it.
    public func getValueDetails<Value>(
        for key: String, defaultValue: Value, user: ConfigCatUser? = nil
    ) -> TypedEvaluationDetails<Value> {
        details(for: key, defaultValue: defaultValue, user: user, .undecided)
    }

    /// Whether handlers and observers get an evaluation.
    private enum Listening {
        case undecided
        /// ``lookup(_:_:)`` has decided.
        case wanted, unwanted
    }

    private func details<Value>(
        for key: String, defaultValue: Value, user: ConfigCatUser?, _ listening: Listening
    ) -> TypedEvaluationDetails<Value> {
        let details = makeDetails(for: key, defaultValue: defaultValue, user: user ?? defaultUser)
        if listening != .unwanted, let hooks, hooks.hasEvaluationListeners {
            hooks.fireFlagEvaluated(
                details.with(Self.sendable(details.value), fetchTime: fetchTime), eTag: origin?.eTag ?? "",
                isChosen: listening == .wanted)
        }
        return details
    }

    /// Evaluates with details what was looked up with the kind `unknown`.
    private func details<Value>(
        ofUnknown key: String, defaultValue: Value, user: ConfigCatUser?
    ) -> TypedEvaluationDetails<Value> {
        // While evaluations are explained in the log, all of them are `unknown`.
        details(for: key, defaultValue: defaultValue, user: user, log.isInfoEnabled ? .undecided : .wanted)
    }

    private func makeDetails<Value>(
        for key: String, defaultValue: Value, user: ConfigCatUser?
    ) -> TypedEvaluationDetails<Value> {
        func failed(_ failure: EvaluationFailure) -> TypedEvaluationDetails<Value> {
            report(failure.code, failure.message, key: key, defaultValue: defaultValue)
            return TypedEvaluationDetails(
                key: key, value: defaultValue, user: user, isDefaultValue: true, error: failure.message,
                errorCode: failure.code, fetchTime: fetchTime)
        }
        guard let requested = RequestedType(Value.self) else { return failed(.unsupportedType(Value.self)) }
        guard let config else { return failed(.noConfig) }
        switch evaluate(key, in: config, for: user, defaultValue: defaultValue) {
        case .failure(let failure):
            return failed(failure)
        case .success(let details):
            guard let value: Value = requested.value(details.value) else {
                return failed(.typeMismatch(key: key, details.value.type, Value.self))
            }
            return details.with(value, fetchTime: fetchTime)
        }
    }

    /// Returns the keys of all settings.
    ///
    /// - Returns: The keys in the order of the config; none if there is no config.
    public func getAllKeys() -> [String] {
        guard let config else {
            reportNoConfig(returning: "an empty array")
            return []
        }
        return config.keys
    }

    /// Returns the values of all settings for a user.
    ///
    /// A `Dictionary` considers canonically equal keys, such as the two spellings of "é", to be equal. Of settings with
    /// such keys, the dictionary contains the last one in the order of the config; ``getAllValueDetails(user:)``
    /// returns all.
    ///
    /// - Parameter user: The user; the default user if nil.
    /// - Returns: The values by key, without settings that cannot be evaluated.
    public func getAllValues(user: ConfigCatUser? = nil) -> [String: any Sendable] {
        guard let config else {
            reportNoConfig(returning: "an empty dictionary")
            return [:]
        }
        let user = user ?? defaultUser
        if mayNeedDetails {
            var values: [String: any Sendable] = [:]
            for details in getAllValueDetails(user: user) where !details.isDefaultValue {
                values[details.key] = details.value
            }
            return values
        }
        return config.values(for: user, warn: log.isWarningEnabled ? warn : nil) { key, failure in
            report(failure.code, failure.message, key: key, defaultValue: "nothing")
        }
    }

    /// Returns the values of all settings for a user, and the reasons for them.
    ///
    /// - Parameter user: The user; the default user if nil.
    /// - Returns: The details of each setting, in the order of the config. If a setting cannot be evaluated, its
    ///   details have an error, and an empty string as the value.
    public func getAllValueDetails(user: ConfigCatUser? = nil) -> [EvaluationDetails] {
        guard let config else {
            reportNoConfig(returning: "an empty array")
            return []
        }
        return config.keys.map { getValueDetails(for: $0, defaultValue: "" as any Sendable, user: user) }
    }

    /// Returns the setting and the value that a variation ID belongs to.
    ///
    /// - Parameter variationId: The variation ID.
    /// - Returns: The setting's key and the value; nil, with log event 2011, if no setting has the variation ID.
    public func getKeyAndValue(for variationId: String) -> KeyValue? {
        guard let config else {
            reportNoConfig(returning: "nil")
            return nil
        }
        guard let found = config.keyAndValue(ofVariation: variationId) else {
            log.error(2011, about: variationId) { "No setting has the variation ID '\(variationId)'." }
            return nil
        }
        return KeyValue(key: found.key, value: found.value.anyValue)
    }
}

/// The source of a config, and its ETag.
package struct ConfigOrigin: Sendable {
    package var source: ConfigChange.Source
    package var eTag: String
}

/// The key of a setting and one of its values.
public struct KeyValue: Sendable {
    /// The setting's key.
    public let key: String
    /// The value: `Bool`, `String`, `Int` or `Double`.
    public let value: any Sendable
}

// MARK: - Values by type

extension ConfigCatClientSnapshot {
    /// Returns the value of a setting that was looked up.
    @inlinable @inline(__always)
    func value<Value>(
        _ found: SettingLookup, _ key: String, _ defaultValue: Value, _ user: ConfigCatUser?
    ) -> Value {
        if let value = found.known(Value.self) { return value }
        // In a specialized copy, the compiler keeps one of these branches. The casts are between equal types.
        if Value.self == Bool.self {
            let defaultValue = unsafeBitCast(defaultValue, to: Bool.self)
            return unsafeBitCast(bool(found, key, defaultValue, user), to: Value.self)
        }
        if Value.self == String.self {
            let defaultValue = unsafeBitCast(defaultValue, to: String.self)
            return unsafeBitCast(string(found, key, defaultValue, user), to: Value.self)
        }
        if Value.self == Int.self {
            let defaultValue = unsafeBitCast(defaultValue, to: Int.self)
            return unsafeBitCast(int(found, key, defaultValue, user), to: Value.self)
        }
        if Value.self == Double.self {
            let defaultValue = unsafeBitCast(defaultValue, to: Double.self)
            return unsafeBitCast(double(found, key, defaultValue, user), to: Value.self)
        }
        return other(found, key, defaultValue, user)
    }

    @usableFromInline
    func bool(_ found: SettingLookup, _ key: String, _ defaultValue: Bool, _ user: ConfigCatUser?) -> Bool {
        if case .bool(let value)? = value(of: .bool, found, key, defaultValue, user) { return value }
        return defaultValue
    }

    @usableFromInline
    func string(_ found: SettingLookup, _ key: String, _ defaultValue: String, _ user: ConfigCatUser?) -> String {
        if case .string = found.kind, let value = config?.string(found) { return value }
        if case .string(let value)? = value(of: .string, found, key, defaultValue, user) { return value }
        return defaultValue
    }

    @usableFromInline
    func int(_ found: SettingLookup, _ key: String, _ defaultValue: Int, _ user: ConfigCatUser?) -> Int {
        if case .int(let value)? = value(of: .int, found, key, defaultValue, user) { return value }
        return defaultValue
    }

    @usableFromInline
    func double(_ found: SettingLookup, _ key: String, _ defaultValue: Double, _ user: ConfigCatUser?) -> Double {
        if case .double(let value)? = value(of: .double, found, key, defaultValue, user) { return value }
        return defaultValue
    }

    @usableFromInline
    func other<Value>(
        _ found: SettingLookup, _ key: String, _ defaultValue: Value, _ user: ConfigCatUser?
    ) -> Value {
        if case .unknown = found.kind {
            return details(ofUnknown: key, defaultValue: defaultValue, user: user).value
        }
        guard let requested = RequestedType(Value.self) else {
            return details(for: key, defaultValue: defaultValue, user: user, .unwanted).value
        }
        guard let value = settingValue(found, key, user, defaultValue) else { return defaultValue }
        return requested.value(value) ?? mismatch(key, value, defaultValue)
    }

    /// Whether evaluations may need details, for the log, handlers or observers.
    private var mayNeedDetails: Bool {
        log.isInfoEnabled || hooks?.hasEvaluationListeners ?? false
    }

    /// Whether the next evaluation of a setting needs details, if evaluations may need any.
    private func needsDetails(of key: String) -> Bool {
        log.isInfoEnabled || hooks?.wantsEvaluation(of: key) ?? false
    }

    // MARK: Lookup

    /// Finds a setting, and its value if that is known.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - usesMemo: Whether the value is for the user of this snapshot, so that it may have been evaluated before.
    /// - Returns: The setting; the kind is `unknown` if the evaluation needs details.
    @usableFromInline
    func lookup(_ key: String, _ usesMemo: Bool) -> SettingLookup {
        mayNeedDetails ? lookupIfUnwanted(key, usesMemo) : find(key, usesMemo)
    }

    /// Finds a setting whose next evaluation needs no details. It is a function of its own, so that ``lookup(_:_:)`` does not
    /// save registers for a call that is hardly ever made.
    @inline(never)
    private func lookupIfUnwanted(_ key: String, _ usesMemo: Bool) -> SettingLookup {
        needsDetails(of: key) ? .unknown : find(key, usesMemo)
    }

    @inline(__always)
    private func find(_ key: String, _ usesMemo: Bool) -> SettingLookup {
        // Binding the config or the memo to a name would retain it.
        let found = config?.find(key) ?? .missing
        guard case .requiresEvaluation = found.kind, usesMemo else { return found }
        return memo?.find(found.index) ?? found
    }

    /// Finds the setting of a declared flag, as ``lookup(_:_:)`` does.
    @usableFromInline
    func lookup(declared number: Int32, _ key: String, _ usesMemo: Bool) -> SettingLookup {
        if mayNeedDetails { return lookupIfUnwanted(key, usesMemo) }
        let found = config?.find(declared: number, key) ?? .missing
        guard case .requiresEvaluation = found.kind, usesMemo else { return found }
        return memo?.find(found.index) ?? found
    }

    // MARK: Evaluation

    /// Returns the value of a setting of a type; nil, after an error was reported, if there is none.
    @inline(never)
    private func value<Value>(
        of type: SettingType, _ found: SettingLookup, _ key: String, _ defaultValue: Value, _ user: ConfigCatUser?
    ) -> SettingValue? {
        if case .unknown = found.kind {
            return SettingValue(any: details(ofUnknown: key, defaultValue: defaultValue, user: user).value)
        }
        guard let value = settingValue(found, key, user, defaultValue) else { return nil }
        if value.type != type { _ = mismatch(key, value, defaultValue) }
        return value
    }

    /// Returns the value of any type; nil, after an error was reported, if the setting cannot be evaluated.
    private func settingValue<Value>(
        _ found: SettingLookup, _ key: String, _ user: ConfigCatUser?, _ defaultValue: Value
    ) -> SettingValue? {
        // Binding the config to a name would change its reference count, which all threads share.
        if let value = config?.value(found) { return value }
        if case .missing = found.kind, let config {
            report(.settingKeyMissing, config.missing(key).message, key: key, defaultValue: defaultValue)
            return nil
        }
        let index = Int(found.index)
        // Coalescing would copy the user.
        let evaluated =
            user == nil
            ? config?.evaluate(at: index, for: defaultUser, memo: memo, warns: log.isWarningEnabled) { log.log($0) }
            : config?.evaluate(at: index, for: user, memo: nil, warns: log.isWarningEnabled) { log.log($0) }
        switch evaluated {
        case .value(let value): return value
        case .failure(let failure):
            report(failure.code, failure.message, key: key, defaultValue: defaultValue)
            return nil
        case nil:
            report(.configJsonNotAvailable, EvaluationFailure.noConfig.message, key: key, defaultValue: defaultValue)
            return nil
        }
    }

    /// Evaluates with details, and writes the evaluation log at level `info`.
    private func evaluate<Value>(
        _ key: String, in config: Config, for user: ConfigCatUser?, defaultValue: Value
    ) -> Result<TypedEvaluationDetails<SettingValue>, EvaluationFailure> {
        guard log.isInfoEnabled else {
            return config.details(key, for: user, warn: log.isWarningEnabled ? warn : nil)
        }
        let (result, text) = config.explain(key, for: user, defaultValue: Self.text(defaultValue), warn: warn)
        if let text { log.info(5000, text) }
        return result
    }

    private var warn: (LogRecord) -> Void {
        { [log] event in log.log(event) }
    }

    @inline(never)
    private func mismatch<Value>(_ key: String, _ value: SettingValue?, _ defaultValue: Value) -> Value {
        // If there is no value, the error has already been reported.
        if let value {
            report(
                .settingValueTypeMismatch, EvaluationFailure.typeMismatch(key: key, value.type, Value.self).message,
                key: key, defaultValue: defaultValue)
        }
        return defaultValue
    }

    /// Logs that a setting cannot be evaluated. The message, which says why, is composed only if it is logged.
    @inline(never)
    private func report<Value>(
        _ code: EvaluationErrorCode, _ message: @autoclosure () -> String, key: String, defaultValue: Value
    ) {
        let id =
            switch code {
            case .configJsonNotAvailable: 1000
            case .settingKeyMissing: 1001
            case .settingValueTypeMismatch: 2002
            case .invalidUserInput: 2022
            default: 1002
            }
        log.error(id, about: key) {
            "Setting '\(key)' cannot be evaluated: \(message()). Returning the default value "
                + "'\(Self.text(defaultValue))'."
        }
    }

    private func reportNoConfig(returning text: String) {
        log.error(1000, "No config is loaded. Returning \(text).")
    }

    /// Returns a value for handlers. A value of a type that settings do not have becomes its description.
    private static func sendable<Value>(_ value: Value) -> any Sendable {
        switch value {
        case let value as Bool: value
        case let value as String: value
        case let value as Int: value
        case let value as Double: value
        default: text(value)
        }
    }

    private static func text<Value>(_ value: Value) -> String {
        (value as? any OptionalValue)?.wrappedText ?? String(describing: value)
    }
}

extension EvaluationFailure {
    fileprivate static let noConfig = EvaluationFailure(code: .configJsonNotAvailable, message: "no config is loaded")

    fileprivate static func unsupportedType<Value>(_ type: Value.Type) -> EvaluationFailure {
        EvaluationFailure(
            code: .invalidUserInput,
            message: "a setting cannot have the type \(type); use Bool, String, Int, Double, their optionals or Any")
    }

    fileprivate static func typeMismatch<Value>(
        key: String, _ actual: SettingType, _ requested: Value.Type
    ) -> EvaluationFailure {
        EvaluationFailure(
            code: .settingValueTypeMismatch,
            message: "the setting '\(key)' is of type \(String(describing: actual).capitalized), not \(requested)")
    }
}

/// An optional, which is described by its wrapped value.
private protocol OptionalValue {
    var wrappedText: String { get }
}

extension Optional: OptionalValue {
    fileprivate var wrappedText: String { map { String(describing: $0) } ?? "nil" }
}
