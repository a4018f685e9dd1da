import ConfigCatEvaluation

/// Generates Swift declarations of a config's settings: an extension of `FeatureFlag` for each type.
package struct FlagGeneration: Sendable {
    /// Swift code, and what is worth a warning.
    package struct Result: Sendable {
        /// The content of the file.
        package var code: String
        /// What `--check` expects: as `code`, but settings that the existing file has as removed may stay.
        package var expectedCode: String
        /// The defaults as a manifest.
        package var manifest: String
        package var warnings: [SourceDiagnostic]
    }

    /// The config: config JSON v6 or v5, or plain values.
    package var config: SourceText
    /// What the header names as the origin; the name of the config's file by default.
    package var origin: String
    package var manifest: SourceText?
    package var accessLevel = FlagAccessLevel.internal
    /// The code that an earlier run wrote. Settings that it declares, and that the config no longer has, are declared
    /// as deprecated, unless they were already.
    package var previous: String?

    package init(config: SourceText, origin: String? = nil) {
        self.config = config
        self.origin = origin ?? config.fileName
    }

    /// Generates the declarations.
    ///
    /// - Throws: ``GenerationError`` if a file cannot be read, a setting has no value, types differ, or two keys have the
    ///   same name in Swift.
    package func run() throws(GenerationError) -> Result {
        let (config, places, warnings) = try readConfig()
        let flags = try defaults(of: config, places)
        let documentation = FlagDocumentation(config)
        var declarations: [FlagDeclaration] = []
        for setting in config.settings {
            guard let value = setting.value else { continue }
            let flag = flags.byKey[Array(setting.key.utf8)]
            var declaration = FlagDeclaration(key: setting.key, defaultValue: flag?.defaultValue ?? value)
            declaration.documentation = documentation.lines(setting, description: flag?.description)
            declarations.append(declaration)
        }
        declarations.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        try checkNames(declarations, places)
        let previous = previous.map(PreviousFlags.init)?.declarations ?? []
        let removed = removed(previous, declarations)
        return Result(
            code: code(declarations + removed.filter { !$0.wasRemoved }.map(\.declaration)),
            expectedCode: code(declarations + removed.map(\.declaration)),
            manifest: FlagManifest(
                declarations.map { declaration in
                    FlagManifest.Flag(
                        key: declaration.key, defaultValue: declaration.defaultValue,
                        description: flags.byKey[Array(declaration.key.utf8)]?.description)
                }
            ).json(from: origin), warnings: warnings + flags.warnings)
    }

    // MARK: - Reading

    /// The greatest number of errors and of warnings. The place of each takes time, and nobody reads more.
    static let maximumDiagnostics = 100

    private func readConfig() throws(GenerationError) -> (Config, ConfigPlaces, [SourceDiagnostic]) {
        let document: JSONDocument
        do { document = try config.document() } catch { throw GenerationError([error]) }
        let places = ConfigPlaces(config, document)
        let parsed: Config
        do {
            parsed = try Config(json: config.bytes)
        } catch {
            throw GenerationError([config.diagnostic(error.message, at: 0)])
        }
        guard parsed.namesSettings else {
            throw GenerationError([
                config.diagnostic(
                    "not a config: the object has neither \"f\" (config JSON) nor \"flags\"", at: 0)
            ])
        }
        var errors: [SourceDiagnostic] = []
        var warnings: [SourceDiagnostic] = []
        let findings = ConfigValidator.findings(in: parsed)
        for finding in findings {
            let setting = finding.setting.map { "setting '\($0)'" }
            let place = [setting, finding.place.isEmpty ? nil : finding.place].compactMap { $0 }
                .joined(separator: ", ")
            let message = "\(place): \(finding.problem)"
            // A setting without a type or a value cannot be declared. Other faults concern its evaluation.
            let isFatal = finding.place.isEmpty && finding.setting.flatMap { parsed[$0] }?.value == nil
            if isFatal, errors.count < Self.maximumDiagnostics {
                errors.append(config.diagnostic(message, at: places.offset(of: finding)))
            } else if !isFatal, warnings.count < Self.maximumDiagnostics {
                warnings.append(config.diagnostic(message, at: places.offset(of: finding), .warning))
            }
        }
        if errors.isEmpty, let setting = parsed.settings.first(where: { $0.value == nil }) {
            let message = "setting '\(setting.key)': it has no value"
            errors.append(config.diagnostic(message, at: places.offset(ofSetting: setting.key)))
        }
        guard errors.isEmpty else { throw GenerationError(errors) }
        let more = findings.count - warnings.count
        if more > 0 { warnings.append(config.diagnostic("\(more) more faults", at: 0, .warning)) }
        return (parsed, places, warnings)
    }

    private typealias Defaults = (byKey: [[UInt8]: FlagManifest.Flag], warnings: [SourceDiagnostic])

    private func defaults(of config: Config, _ places: ConfigPlaces) throws(GenerationError) -> Defaults {
        guard let manifest else { return ([:], []) }
        var defaults: Defaults = ([:], [])
        var errors: [SourceDiagnostic] = []
        for flag in try FlagManifest(manifest).flags {
            guard let type = config[flag.key]?.type else {
                guard defaults.warnings.count < Self.maximumDiagnostics else { continue }
                let message = "flag '\(flag.key)': the config has no such setting"
                defaults.warnings.append(manifest.diagnostic(message, at: flag.offset, .warning))
                continue
            }
            if flag.defaultValue.type != type, errors.count < Self.maximumDiagnostics {
                errors.append(
                    manifest.diagnostic(
                        "flag '\(flag.key)': its flagType is \(flag.defaultValue.type.manifestName), and the "
                            + "config's setting is of type \(type.swiftName) (\(type.manifestName))", at: flag.offset))
            }
            defaults.byKey[Array(flag.key.utf8)] = flag
        }
        guard errors.isEmpty else { throw GenerationError(errors) }
        return defaults
    }

    private func checkNames(_ declarations: [FlagDeclaration], _ places: ConfigPlaces) throws(GenerationError) {
        var byName: [SwiftName: String] = [:]
        var errors: [SourceDiagnostic] = []
        for declaration in declarations {
            guard let other = byName.updateValue(declaration.key, forKey: declaration.name) else { continue }
            guard errors.count < Self.maximumDiagnostics else { break }
            // Keys that differ only in their Unicode form look the same.
            let literal = other == declaration.key ? SwiftLiteral.asciiString : SwiftLiteral.string
            let message =
                "the keys \(literal(other)) and \(literal(declaration.key)) have the same name in Swift: "
                + declaration.name.code
            errors.append(config.diagnostic(message, at: places.offset(ofSetting: declaration.key)))
        }
        if !errors.isEmpty { throw GenerationError(errors) }
    }

    /// Returns the declarations of settings that the config no longer has, and whether the existing file already
    /// declares them as removed. One whose name another setting now has is left out.
    private func removed(
        _ previous: [FlagDeclaration], _ declarations: [FlagDeclaration]
    ) -> [(declaration: FlagDeclaration, wasRemoved: Bool)] {
        let keys = Set(declarations.map { Array($0.key.utf8) })
        var names = Set(declarations.map(\.name))
        return previous.compactMap { declaration in
            guard !keys.contains(Array(declaration.key.utf8)), names.insert(declaration.name).inserted else {
                return nil
            }
            var removed = declaration
            removed.isRemoved = true
            removed.documentation = []
            return (removed, declaration.isRemoved)
        }
    }

    // MARK: - Writing

    private func code(_ declarations: [FlagDeclaration]) -> String {
        var lines = [
            "// " + GeneratedHeader.text(from: origin), "// swift-format-ignore-file", "// swiftlint:disable all", "",
        ]
        switch accessLevel {
        case .internal: lines.append("import ConfigCat")
        case .public: lines.append("public import ConfigCat")
        case .package:
            // Without the feature, an import with a level would make those of other files ambiguous.
            lines += [
                "#if hasFeature(InternalImportsByDefault)", "    package import ConfigCat", "#else",
                "    import ConfigCat", "#endif",
            ]
        }
        if declarations.isEmpty { lines += ["", "// The config has no settings."] }
        let sorted = declarations.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for type in SettingType.allCases {
            let declared = sorted.filter { $0.type == type }
            guard !declared.isEmpty else { continue }
            lines += ["", "extension FeatureFlag where Value == \(type.swiftName) {"]
            lines += Array(declared.map { $0.lines(accessLevel) }.joined(separator: [""]))
            lines.append("}")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
