#if Configuration
    import ConfigCatEvaluation
    import Configuration

    /// A setting that looks as if it were meant for ``ConfigCatOptions``, and that none of its keys matches.
    public struct UnknownConfigurationKey: Sendable, Hashable, CustomStringConvertible {
        /// The name of the setting, such as `CONFIGCAT_POL_INTERVAL` or `configcat.polInterval`.
        public let name: String
        /// The nearest known name, in the same form; nil if no known name is similar.
        public let suggestion: String?

        /// The name, and the suggestion.
        public var description: String {
            "The setting '\(name)' is unknown" + (suggestion.map { "; did you mean '\($0)'?" } ?? ".")
        }
    }

    extension ConfigCatOptions {
        /// The keys that ``init(reader:logger:cache:)`` reads, in the order of the guide <doc:Configuration>, and
        /// `configcat.sdkKey`.
        public static var configurationKeys: [String] { OptionKey.allCases.map(\.rawValue) }

        /// Returns which settings look as if they were meant for these options, but are unknown.
        ///
        ///     for key in ConfigCatOptions.unknownKeys(in: ProcessInfo.processInfo.environment.keys) { print(key) }
        ///
        /// swift-configuration cannot list the settings of a provider, so pass the names that you can list:
        /// ``ConfigCatClient/get(reader:logger:configurator:cache:)`` does that for environment variables.
        ///
        /// - Parameter names: The names of settings: environment variables that begin with `CONFIGCAT_`, and keys that begin
        ///   with `configcat.`. All others are ignored.
        /// - Returns: The unknown ones, in the order of the names.
        public static func unknownKeys(in names: some Sequence<String>) -> [UnknownConfigurationKey] {
            names.compactMap { name in
                let isVariable = name.hasPrefix("CONFIGCAT_")
                guard isVariable || name.hasPrefix("configcat.") else { return nil }
                let known = OptionKey.allCases.map { isVariable ? $0.environmentName : $0.rawValue }
                guard !known.contains(name) else { return nil }
                return UnknownConfigurationKey(name: name, suggestion: nearest(to: name, in: known))
            }
        }

        /// Returns the unknown environment variables that a reader reads.
        static func unknownVariables(of reader: ConfigReader, in names: some Sequence<String>)
            -> [UnknownConfigurationKey]
        {
            unknownKeys(in: names.sorted()).filter { key in
                guard key.name.hasPrefix("CONFIGCAT_") else { return false }
                let rest = key.name.dropFirst("CONFIGCAT_".count)
                return reader.string(forKey: ConfigKey(["configcat", rest.lowercased()]), isSecret: true) != nil
            }
        }

        /// Returns the name with the fewest differences in letters and digits, if there are few.
        private static func nearest(to name: String, in known: [String]) -> String? {
            func letters(_ text: String) -> [Character] { text.lowercased().filter { $0.isLetter || $0.isNumber } }
            let wanted = letters(name)
            guard wanted.count <= 100 else { return nil }
            let distances = known.map { (name: $0, distance: EditDistance.between(wanted, letters($0))) }
            return distances.min { $0.distance < $1.distance }.flatMap { $0.distance <= 4 ? $0.name : nil }
        }
    }
#endif
