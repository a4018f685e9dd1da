public import ConfigCat
import ConfigCatEvaluation
public import Configuration

/// Settings of ConfigCat as configuration values of swift-configuration.
///
///     let provider = ConfigCatProvider(client: client)
///     let reader = ConfigReader(providers: [provider, EnvironmentVariablesProvider()])
///     let limit = reader.int(forKey: "uploads.limit", default: 10)
///
/// The components of a key, joined with ".", are the setting's key. If the config has no such setting, or if there is no
/// config yet, the next provider answers. A setting of another type than the requested one is an error: `Bool`, `String`,
/// `Int` and `Double` are not converted into each other. Settings of type String also provide bytes, in base64, and
/// arrays, as JSON: `["a", "b"]`, `[1, 2]`, `[true]`, and base64 strings for chunks of bytes.
///
/// The context of a key is the user:
///
///     let request = reader.scoped(to: ConfigKey([], context: ["identifier": "435170f4", "plan": "Pro"]))
///     let isEnabled = request.bool(forKey: "newCheckout", default: false)
///
/// `identifier`, `email` and `country`, or the same with an initial capital, are the predefined attributes; all others
/// are custom attributes of the same name, and Booleans are `"true"` and `"false"`. Without a context, the client's default
/// user counts. With a context, but without an identifier, the user has no identifier: targeting rules work, and
/// percentage options that are chosen by the identifier choose the same for all.
///
/// - Getting a value does no I/O and does not wait, also in lazy mode, and before the client is ready: see
///   `ConfigCatClient.waitForReady()`.
/// - Fetching a value refreshes the config first, at most once per second: requests that arrive meanwhile share the
///   download. If the refresh fails, the config in memory answers, and the log says why.
/// - Watching a value or a snapshot gives the current one, and then follows the config. It ends when the task is cancelled
///   or the client is closed. A change of the client's default user alone is not noticed.
///
/// A client that is closed still provides the values that it has.
public struct ConfigCatProvider: ConfigProvider {
    /// The name in reports of swift-configuration: `ConfigCatProvider`, with ``init(client:name:)``'s name in brackets.
    public let providerName: String

    private let client: ConfigCatClient
    private let refresher: LimitedRefresher

    /// Creates a provider.
    ///
    /// - Parameters:
    ///   - client: The client. It is not closed by the provider.
    ///   - name: A name for reports, if there are several providers; nil by default.
    public init(client: ConfigCatClient, name: String? = nil) {
        self.init(client: client, name: name, refresher: LimitedRefresher { await client.forceRefresh() })
    }

    init(client: ConfigCatClient, name: String? = nil, refresher: LimitedRefresher) {
        self.client = client
        self.refresher = refresher
        providerName = "ConfigCatProvider" + (name.map { "[\($0)]" } ?? "")
    }

    /// Returns the value of a setting in memory.
    ///
    /// - Parameters:
    ///   - key: The setting's key, and the user as the context.
    ///   - type: The type of the value.
    /// - Returns: The value; nil if the config has no such setting, or if there is no config.
    /// - Throws: ``ConfigCatProviderError`` if the setting has another type or cannot be evaluated.
    public func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        try snapshot().value(forKey: key, type: type)
    }

    /// Refreshes the config, at most once per second, and returns the value of a setting.
    ///
    /// - Parameters:
    ///   - key: The setting's key, and the user as the context.
    ///   - type: The type of the value.
    /// - Returns: The value; nil if the config has no such setting, or if there is no config.
    /// - Throws: ``ConfigCatProviderError`` if the setting has another type or cannot be evaluated; `CancellationError` if
    ///   the task is cancelled.
    public func fetchValue(forKey key: AbsoluteConfigKey, type: ConfigType) async throws -> LookupResult {
        try await refresher.refresh()
        return try value(forKey: key, type: type)
    }

    /// Calls a closure with the values of a setting: the current one, and then each that differs from the one before.
    ///
    /// - Parameters:
    ///   - key: The setting's key, and the user as the context.
    ///   - type: The type of the value.
    ///   - updatesHandler: The closure. A value that it reads too slowly is replaced by the next.
    /// - Returns: The result of the closure.
    /// - Throws: The error of the closure.
    public func watchValue<Return: ~Copyable>(
        forKey key: AbsoluteConfigKey, type: ConfigType,
        updatesHandler: (ConfigUpdatesAsyncSequence<Result<LookupResult, any Error>, Never>) async throws -> Return
    ) async throws -> Return {
        try await updatesHandler(
            ConfigUpdatesAsyncSequence(
                ConfigValues(
                    changes: client.configChanges,
                    current: { Result { try value(forKey: key, type: type) } },
                    isSame: { old, new in
                        switch (old, new) {
                        case (.success(let old), .success(let new)):
                            old == new && old.value?.content.hasStrings(of: new.value?.content) != false
                        case (.failure(let old), .failure(let new)): "\(old)" == "\(new)"
                        default: false
                        }
                    })))
    }

    /// Returns the settings in memory as they are now.
    ///
    /// - Returns: The settings, which do not change when the client gets another config.
    public func snapshot() -> any ConfigSnapshot {
        ProvidedSnapshot(providerName: providerName, snapshot: client.snapshot())
    }

    /// Calls a closure with snapshots: the current one, and then one after each change of the config.
    ///
    /// - Parameter updatesHandler: The closure. If it reads too slowly, it may miss snapshots, but not the last.
    /// - Returns: The result of the closure.
    /// - Throws: The error of the closure.
    public func watchSnapshot<Return: ~Copyable>(
        updatesHandler: (ConfigUpdatesAsyncSequence<any ConfigSnapshot, Never>) async throws -> Return
    ) async throws -> Return {
        try await updatesHandler(
            ConfigUpdatesAsyncSequence(
                ConfigValues(changes: client.configChanges, current: { snapshot() }, isSame: { _, _ in false })))
    }
}

extension ConfigCatProvider: CustomStringConvertible {
    /// The provider's name, and the number of settings.
    public var description: String {
        "\(providerName)[\(client.snapshot().config.map { "\($0.keys.count) settings" } ?? "no config")]"
    }
}

/// The settings at one moment.
private struct ProvidedSnapshot: ConfigSnapshot {
    let providerName: String
    let snapshot: ConfigCatClientSnapshot

    func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        let name = key.components.joined(separator: ".")
        guard let config = snapshot.config, config.find(name).kind != .missing else {
            return LookupResult(encodedKey: name, value: nil)
        }
        let details = snapshot.getValueDetails(
            for: name, defaultValue: "" as any Sendable, user: ConfigCatUser(context: key.context))
        guard !details.isDefaultValue, let value = SettingValue(any: details.value) else {
            throw ConfigCatProviderError(key: name, message: details.error ?? "the setting cannot be evaluated")
        }
        return LookupResult(
            encodedKey: name, value: ConfigValue(try value.content(as: type, ofKey: name), isSecret: false))
    }
}

/// An error that says why a setting does not provide a value.
///
///     do {
///         let limit = try reader.requiredInt(forKey: "uploads.limit")
///     } catch let error as ConfigCatProviderError {
///         logger.error("\(error)")
///     }
public struct ConfigCatProviderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The setting's key.
    public let key: String
    /// What is wrong, and what is expected instead.
    public let message: String

    /// The key and the message.
    public var description: String { "The setting '\(key)' provides no value: \(message)" }
}
