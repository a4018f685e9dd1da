import Configuration

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension FlagServerOptions {
    /// Reads the options of a server. Arguments precede environment variables, which precede the settings file.
    ///
    /// - Parameters:
    ///   - arguments: The values of options that were given on the command line.
    ///   - settingsPath: The settings file; nil for none.
    ///   - environment: The environment variables.
    /// - Throws: ``DeclarationError``, which names all settings that are wrong, and quotes no secret.
    package init(
        arguments: [SettingName: [String]], settingsPath: String?,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(DeclarationError) {
        let given = InMemoryProvider(
            name: "arguments",
            values: Dictionary(
                uniqueKeysWithValues: arguments.map { name, values in
                    let content: ConfigContent =
                        name.isList ? .stringArray(values) : .string(values.joined(separator: ","))
                    return (AbsoluteConfigKey(name.components), ConfigValue(content, isSecret: true))
                }))
        let variables = KeyMappingProvider(upstream: EnvironmentVariablesProvider(environmentVariables: environment)) {
            key in AbsoluteConfigKey(["configcat", "serve"] + key.components)
        }
        var providers: [any ConfigProvider] = [given, variables]
        if let settingsPath { providers.append(try SettingsFile.provider(path: settingsPath)) }
        try self.init(reader: ConfigReader(providers: providers))
    }

    init(reader: ConfigReader) throws(DeclarationError) {
        self.init()
        var values = SettingValues(reader)
        host = values.text(.host) ?? host
        port = values.int(.port, in: 0...65_535) ?? port
        for text in values.list(.config) {
            if let config = values.declaration(.config, text) { configs.append(config) }
        }
        for text in values.list(.sdkKey) {
            if let config = values.declaration(.sdkKey, text) { configs.append(config) }
        }
        isRelay = values.bool(.relay) ?? isRelay
        token = values.text(.token)
        // A variable that was to have the token would otherwise leave the server open.
        if values.isGivenEmpty(.token) { values.report("token is empty; leave it out if the server needs none") }
        isInsecure = values.bool(.insecure) ?? isInsecure
        publicHosts = values.list(.publicHost)
        cacheURL = values.text(.cache)
        baseURL = values.text(.baseURL)
        pollInterval = .seconds(values.int(.pollInterval, in: 1...86_400) ?? 60)
        isEphemeral = values.bool(.ephemeral) ?? isEphemeral
        overridesPath = values.text(.overrides) ?? overridesPath
        streamLimit = values.int(.streamLimit, in: 1...1_000_000) ?? streamLimit
        switch (values.text(.tlsCertificate), values.text(.tlsKey)) {
        case (let certificates?, let privateKey?): tls = TLSFiles(certificates: certificates, privateKey: privateKey)
        case (nil, nil): break
        default: values.report("tls.certificate and tls.key are only of use together")
        }
        for text in values.list(.webhookKey) {
            // With an empty key, everybody could sign.
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex,
                text.index(after: equals) < text.endIndex
            else {
                values.report("webhookKey has to be of the form ID=KEY")
                continue
            }
            webhookKeys[String(text[..<equals]), default: []].append(String(text[text.index(after: equals)...]))
        }
        for id in webhookKeys.keys.sorted() where !configs.contains(where: { $0.id == id }) {
            values.report("webhookKey is for the ID '\(id)', which no config has")
        }
        try values.check()
        try validate()
    }
}

/// Reads settings, and collects what is wrong with them, so that one error reports all.
private struct SettingValues {
    private let reader: ConfigReader
    private var problems: [String] = []

    init(_ reader: ConfigReader) { self.reader = reader }

    /// Returns the values of a setting that may have several. Environment variables separate them by commas.
    func list(_ name: SettingName) -> [String] {
        let key = ConfigKey(name.components)
        if let values = reader.stringArray(forKey: key, isSecret: true) { return values.filter { !$0.isEmpty } }
        return reader.string(forKey: key, isSecret: true).map { [$0] } ?? []
    }

    func text(_ name: SettingName) -> String? {
        // As one string, because lists of the environment lose spaces, and commas that follow each other.
        if let text = reader.string(forKey: ConfigKey(name.components), isSecret: true) {
            return text.isEmpty ? nil : text
        }
        let values = list(name)
        return values.isEmpty ? nil : values.joined(separator: ",")
    }

    func isGivenEmpty(_ name: SettingName) -> Bool {
        reader.string(forKey: ConfigKey(name.components), isSecret: true)?.isEmpty ?? false
    }

    mutating func int(_ name: SettingName, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(name) else { return nil }
        if let number = Int(text), range.contains(number) { return number }
        report(
            "\(name.rawValue) is '\(text)'; it has to be a whole number from \(range.lowerBound) to \(range.upperBound)"
        )
        return nil
    }

    mutating func bool(_ name: SettingName) -> Bool? {
        guard let text = text(name) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "1": return true
        case "false", "no", "0": return false
        default:
            report("\(name.rawValue) is '\(text)'; it has to be true or false")
            return nil
        }
    }

    mutating func declaration(_ name: SettingName, _ text: String) -> ConfigDeclaration? {
        do throws(DeclarationError) {
            return name == .config ? try ConfigDeclaration(file: text) : try ConfigDeclaration(sdkKey: text)
        } catch {
            report("\(name.rawValue): \(error)")
            return nil
        }
    }

    mutating func report(_ problem: String) { problems.append(problem) }

    func check() throws(DeclarationError) {
        guard let first = problems.first else { return }
        throw DeclarationError(
            problems.count == 1
                ? first : "\(problems.count) settings are wrong:" + problems.map { "\n- \($0)" }.joined())
    }
}
