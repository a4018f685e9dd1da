#if Configuration
    public import Configuration
    public import Logging

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    extension ConfigCatClient {
        /// Returns the client of the SDK key in the setting `configcat.sdkKey`, and creates it, with the options in the
        /// other settings, if there is none.
        ///
        ///     let reader = ConfigReader(provider: EnvironmentVariablesProvider())
        ///     let client = try ConfigCatClient.get(reader: reader)
        ///
        /// The guide <doc:Configuration> has a table of the keys.
        ///
        /// Environment variables that begin with `CONFIGCAT_`, that the reader reads, and that are unknown, are logged as
        /// event 3010. Unknown keys of other providers are not noticed, because swift-configuration does not list them:
        /// see ``ConfigCatOptions/unknownKeys(in:)``.
        ///
        /// - Parameters:
        ///   - reader: The reader.
        ///   - logger: The logger of the options; the default one if nil.
        ///   - configurator: A closure that sets further options, such as hooks. It starts with those of the settings.
        ///   - cache: A closure that opens the cache with the URL in `configcat.cache`. It returns nil if it does not
        ///     support the URL.
        /// - Returns: The open client. If it existed before the call, the options are ignored, with log event 3000.
        /// - Throws: ``ConfigCatError`` if settings are wrong or `configcat.sdkKey` is absent; and any error that
        ///   `configurator` throws.
        public static func get(
            reader: ConfigReader, logger: Logger? = nil,
            configurator: (inout ConfigCatOptions) throws -> Void = { _ in },
            cache: ((String) throws -> (any ConfigCache)?)? = nil
        ) throws -> ConfigCatClient {
            var settings = OptionReader(reader)
            let sdkKey = settings.string(.sdkKey, "an SDK key of ConfigCat's dashboard")
            if settings.value(.sdkKey) == nil { settings.report(.sdkKey, "is not set; it has to be an SDK key") }
            var options = ConfigCatOptions(&settings, logger: logger)
            options.openCache(&settings, with: cache)
            try settings.check()
            try configurator(&options)
            warn(
                of: ConfigCatOptions.unknownVariables(of: reader, in: ProcessInfo.processInfo.environment.keys), options
            )
            do {
                return try get(sdkKey: sdkKey ?? "", options: options)
            } catch let error as ConfigCatError where error.code == .invalidSdkKey {
                throw ConfigCatError(
                    code: .invalidConfiguration, message: "\(OptionKey.sdkKey.rawValue) is invalid: \(error.message)",
                    underlying: error)
            }
        }

        private static func warn(of unknown: [UnknownConfigurationKey], _ options: ConfigCatOptions) {
            var logger = options.logger
            if let level = options.logLevel { logger.logLevel = level }
            let log = EventLogger(logger)
            for key in unknown { log.warning(3010, about: key.name, key.description) }
        }
    }
#endif
