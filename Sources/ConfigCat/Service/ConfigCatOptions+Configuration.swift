#if Configuration
    import ConfigCatEvaluation
    public import Configuration
    public import Logging

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    extension ConfigCatOptions {
        /// Creates options from settings: environment variables, files, or whatever the providers of a reader read.
        ///
        ///     let reader = ConfigReader(provider: EnvironmentVariablesProvider())
        ///     let options = try ConfigCatOptions(reader: reader)
        ///
        /// Each option has a key that begins with `configcat.`, such as `configcat.pollInterval`, which the environment
        /// variable `CONFIGCAT_POLL_INTERVAL` sets; the guide <doc:Configuration> has a table. An option without a setting
        /// has its default. Keys are relative to the reader: `reader.scoped(to: "billing")` reads
        /// `billing.configcat.pollInterval`.
        ///
        /// Options that are objects, such as hooks, are not read; set them afterwards.
        ///
        /// - Parameters:
        ///   - reader: The reader.
        ///   - logger: The logger of the options; the default one if nil.
        ///   - cache: A closure that opens the cache with the URL in `configcat.cache`, such as `redis://host:6379`. It
        ///     returns nil if it does not support the URL. It is called at most once, after all other settings were read.
        /// - Throws: ``ConfigCatError`` with the code `invalidConfiguration`, which names all settings that are wrong, and
        ///   what they have to be. It never contains the value of a secret.
        public init(
            reader: ConfigReader, logger: Logger? = nil, cache: ((String) throws -> (any ConfigCache)?)? = nil
        ) throws(ConfigCatError) {
            var settings = OptionReader(reader)
            self.init(&settings, logger: logger)
            openCache(&settings, with: cache)
            try settings.check()
        }

        /// Creates options from all settings but the SDK key and the cache.
        init(_ settings: inout OptionReader, logger: Logger?) {
            self.init()
            if let logger { self.logger = logger }
            readPolling(&settings)
            readHTTP(&settings)
            readUser(&settings)
            readOverrides(&settings)
            leaseDuration = settings.duration(.leaseDuration, in: .seconds(1) ... .seconds(600)) ?? leaseDuration
            dataGovernance =
                settings.choice(.dataGovernance, [("global", .global), ("euOnly", .euOnly)]) ?? dataGovernance
            offline = settings.bool(.offline) ?? offline
            logLevel = settings.choice(.logLevel, Logger.Level.allCases.map { ($0.rawValue, $0) })
            if let url = settings.string(.baseURL) {
                do {
                    var options = ConfigCatOptions()
                    options.baseUrl = url
                    try options.validate()
                    baseUrl = url
                } catch {
                    settings.report(
                        .baseURL,
                        "is '\(URLParts(url).full)'; it has to be a URL of the form http://host[:port][/path] or https://…"
                    )
                }
            }
        }

        private mutating func readPolling(_ settings: inout OptionReader) {
            let longest = Duration.seconds(2_147_483)
            let interval = settings.duration(.pollInterval, in: .seconds(1)...longest) ?? .seconds(60)
            let wait = settings.duration(.maxInitWait, in: .zero...longest) ?? .seconds(5)
            let refresh = settings.duration(.cacheRefreshInterval, in: .seconds(1)...longest) ?? .seconds(60)
            pollingMode =
                settings.choice(
                    .pollingMode,
                    [
                        ("auto", .autoPoll(interval: interval, maxInitWait: wait)),
                        ("lazy", .lazyLoad(refreshInterval: refresh)), ("manual", .manualPoll),
                    ]) ?? .autoPoll(interval: interval, maxInitWait: wait)
            pollingJitter = settings.double(.pollingJitter, in: 0...1) ?? pollingJitter
        }

        private mutating func readHTTP(_ settings: inout OptionReader) {
            let range = Duration.milliseconds(1) ... .seconds(86_400)
            http.connectTimeout = settings.duration(.connectTimeout, in: range) ?? http.connectTimeout
            http.readTimeout = settings.duration(.readTimeout, in: range) ?? http.readTimeout
            http.bodyLimit = settings.int(.bodyLimit, in: 1 ... .max) ?? http.bodyLimit
            http.caCertificateFile = settings.string(.caCertificateFile, "the path of a PEM file")
            let host = settings.string(.proxyHost)
            let port = settings.int(.proxyPort, in: 1...65_535)
            let username = settings.string(.proxyUsername)
            let password = settings.string(.proxyPassword)
            if let host, let port {
                http.proxy = ProxyOptions(host: host, port: port, username: username, password: password)
            } else if settings.value(.proxyHost) != nil, settings.value(.proxyPort) == nil {
                settings.report(.proxyPort, "is not set; a proxy needs a host and a port")
            } else if settings.value(.proxyHost) == nil {
                for (key, isSet) in [
                    (OptionKey.proxyPort, port != nil), (.proxyUsername, username != nil),
                    (.proxyPassword, password != nil),
                ] where isSet {
                    settings.report(key, "is set without \(OptionKey.proxyHost.rawValue)")
                }
            }
        }

        private mutating func readUser(_ settings: inout OptionReader) {
            let identifier = settings.string(.userIdentifier)
            let email = settings.string(.userEmail)
            let country = settings.string(.userCountry)
            let expected = "a JSON object, such as {\"Plan\": \"Pro\"}"
            let custom = settings.read(.userCustom, expected) { value -> ConfigCatUser.Attributes? in
                guard case .string(let text) = value,
                    let json = try? JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
                else { return nil }
                return try? ConfigCatUser(encoding: json, identifier: "-").custom
            }
            if let identifier {
                defaultUser = ConfigCatUser(
                    identifier: identifier, email: email, country: country, custom: custom ?? [:])
                return
            }
            guard settings.value(.userIdentifier) == nil else { return }
            for (key, isSet) in [
                (OptionKey.userEmail, email != nil), (.userCountry, country != nil), (.userCustom, custom != nil),
            ] where isSet {
                settings.report(key, "is set without \(OptionKey.userIdentifier.rawValue)")
            }
        }

        private mutating func readOverrides(_ settings: inout OptionReader) {
            let behaviours: [(name: String, value: OverrideBehaviour)] = [
                ("localOnly", .localOnly), ("localOverRemote", .localOverRemote), ("remoteOverLocal", .remoteOverLocal),
            ]
            let file = settings.string(.overridesFile, "the path of a file")
            let behaviour = settings.choice(.overridesBehaviour, behaviours)
            if let file {
                flagOverrides = LocalFileDataSource(path: file, behaviour: behaviour ?? .localOverRemote)
            } else if behaviour != nil, settings.value(.overridesFile) == nil {
                settings.report(.overridesBehaviour, "is set without \(OptionKey.overridesFile.rawValue)")
            }
        }

        /// Opens the cache, unless other settings are wrong.
        mutating func openCache(
            _ settings: inout OptionReader, with open: ((String) throws -> (any ConfigCache)?)?
        ) {
            guard let url = settings.string(.cache, "the URL of a cache, such as redis://host:6379") else { return }
            guard let open else {
                settings.report(
                    .cache, "is set, but the program does not say how to open it; pass the parameter 'cache'")
                return
            }
            guard settings.problems.isEmpty else { return }
            do {
                configCache = try open(url)
                if configCache == nil {
                    settings.report(.cache, "is not the URL of a cache that the program supports")
                }
            } catch {
                settings.report(.cache, "cannot be opened: \(Self.text(error, hiding: url))")
            }
        }

        /// Returns an error's description, or only its type if that contains the URL, or the user or password in it.
        private static func text(_ error: any Error, hiding url: String) -> String {
            let text = String(describing: error)
            let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
            let authority = rest.prefix { $0 != "/" }
            let credentials = authority.lastIndex(of: "@").map { authority[..<$0].split(separator: ":") } ?? []
            let isSafe = !text.contains(url) && !credentials.contains { text.contains($0) }
            return isSafe ? text : "\(type(of: error))"
        }
    }

    /// Any JSON.
    private enum JSONValue: Codable, Sendable {
        case null
        case bool(Bool)
        case int(Int)
        case double(Double)
        case string(String)
        case array([JSONValue])
        case object([String: JSONValue])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Int.self) {
                self = .int(value)
            } else if let value = try? container.decode(Double.self) {
                self = .double(value)
            } else if let value = try? container.decode(String.self) {
                self = .string(value)
            } else if let value = try? container.decode([JSONValue].self) {
                self = .array(value)
            } else {
                self = .object(try container.decode([String: JSONValue].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .null: try container.encodeNil()
            case .bool(let value): try container.encode(value)
            case .int(let value): try container.encode(value)
            case .double(let value): try container.encode(value)
            case .string(let value): try container.encode(value)
            case .array(let value): try container.encode(value)
            case .object(let value): try container.encode(value)
            }
        }
    }
#endif
