#if Configuration
    import Configuration

    /// The keys of the settings that options are read from.
    enum OptionKey: String, CaseIterable {
        case sdkKey = "configcat.sdkKey"
        case pollingMode = "configcat.pollingMode"
        case pollInterval = "configcat.pollInterval"
        case maxInitWait = "configcat.maxInitWait"
        case cacheRefreshInterval = "configcat.cacheRefreshInterval"
        case pollingJitter = "configcat.pollingJitter"
        case leaseDuration = "configcat.leaseDuration"
        case dataGovernance = "configcat.dataGovernance"
        case baseURL = "configcat.baseUrl"
        case offline = "configcat.offline"
        case logLevel = "configcat.logLevel"
        case cache = "configcat.cache"
        case userIdentifier = "configcat.defaultUser.identifier"
        case userEmail = "configcat.defaultUser.email"
        case userCountry = "configcat.defaultUser.country"
        case userCustom = "configcat.defaultUser.custom"
        case overridesFile = "configcat.overrides.file"
        case overridesBehaviour = "configcat.overrides.behaviour"
        case connectTimeout = "configcat.http.connectTimeout"
        case readTimeout = "configcat.http.readTimeout"
        case bodyLimit = "configcat.http.bodyLimit"
        case caCertificateFile = "configcat.http.caCertificateFile"
        case proxyHost = "configcat.http.proxy.host"
        case proxyPort = "configcat.http.proxy.port"
        case proxyUsername = "configcat.http.proxy.username"
        case proxyPassword = "configcat.http.proxy.password"

        /// Whether values must not be in logs or in errors.
        var isSecret: Bool {
            switch self {
            case .sdkKey, .cache, .proxyUsername, .proxyPassword: true
            default: false
            }
        }

        /// The key with its components.
        var configKey: ConfigKey { ConfigKey(rawValue) }

        /// The name of the environment variable that swift-configuration reads for the key.
        var environmentName: String {
            rawValue.reduce(into: "") { name, character in
                if character == "." { return name.append("_") }
                if character.isUppercase, name.last.map({ $0 != "_" }) ?? false { name.append("_") }
                name += character.uppercased()
            }
        }
    }
#endif
