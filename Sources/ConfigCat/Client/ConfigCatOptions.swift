public import AsyncHTTPClient
public import ConfigCatCache
public import ConfigCatEvaluation
public import Logging

/// The options of a client. Every option has a default that suits a server.
///
///     var options = ConfigCatOptions()
///     options.pollingMode = .autoPoll(interval: .seconds(30))
///     let client = try ConfigCatClient.get(sdkKey: key, options: options)
public struct ConfigCatOptions: Sendable {
    /// The polling mode, which decides when the config is downloaded. By default, every 60 seconds.
    public var pollingMode: PollingMode = PollingModes.autoPoll()

    /// The largest random delay of a poll, as a share of the interval, so that the processes of a fleet do not poll in
    /// lockstep: from 0 to 1, 0.1 by default.
    public var pollingJitter: Double = 0.1
    /// The duration of a lease, if the cache has leases: from 1 second to 10 minutes, 5 seconds by default. It is the
    /// longest time for which a fleet waits for the download of one process. If that process dies, another takes over
    /// after this time.
    public var leaseDuration: Duration = .seconds(5)
    /// The time for which a cycle waits for the cache. Tests on busy machines wait longer.
    package var cacheTimeout: Duration = .seconds(2)

    /// The cache through which the config is shared with other processes; nil by default.
    public var configCache: (any ConfigCache)?

    /// The region of the servers that configs are downloaded from, as set on the dashboard; `global` by default.
    public var dataGovernance: DataGovernance = .global

    /// The URL of another CDN, such as a ConfigCat Proxy; empty by default.
    public var baseUrl: String = ""

    /// Local values that replace or complete downloaded ones; none by default.
    public var flagOverrides: (any OverrideDataSource)?

    /// The user for evaluations that are not given one; nil by default.
    public var defaultUser: ConfigCatUser?

    /// Handlers of the client's events. A client copies them when it is created; to add a handler later, use
    /// ``ConfigCatClient/hooks``.
    public var hooks = Hooks()

    /// Observers of evaluations, such as ``LogObserver``; none by default. Evaluations cost nothing more while there are
    /// none.
    public var evaluationObservers: [any EvaluationObserver] = []

    /// The identity of the config in observations, OpenTelemetry's `feature_flag.set.id`, such as `shop/production`; nil
    /// by default: the cache key, which is a hash of the SDK key. It must not contain the SDK key.
    public var flagSetID: String?

    #if DistributedTracing
        /// The tracing of downloads and cache calls.
        public var tracing = TracingOptions()
    #endif

    /// Whether the client starts offline: it makes no HTTP requests and reads only its cache. False by default.
    public var offline = false

    /// The logger for log events. By default, one with the label `configcat` and the level `warning`.
    ///
    /// At the level `info`, which the logger of a server often has, every evaluation is explained in the log. This takes
    /// microseconds for each; set ``logLevel`` to `.warning` to avoid it.
    public var logger = ConfigCatLogging.defaultLogger

    /// The lowest level that is logged, whatever the level of ``logger`` is. Nil by default: the logger's level decides.
    public var logLevel: Logger.Level?

    /// The options for HTTP requests.
    public var http = HTTPOptions()

    /// The default options.
    public static var `default`: ConfigCatOptions { ConfigCatOptions() }

    /// Creates options with their defaults.
    public init() {}
}

/// The options for the HTTP requests that download configs.
///
///     options.http.readTimeout = .seconds(10)
public struct HTTPOptions: Sendable {
    /// The longest wait for a connection: more than 0, at most a day, 10 seconds by default.
    public var connectTimeout: Duration = .seconds(10)

    /// The longest wait for the next bytes of a response: more than 0, at most a day, 30 seconds by default.
    public var readTimeout: Duration = .seconds(30)

    /// The HTTP proxy for requests; nil by default.
    public var proxy: ProxyOptions?

    /// The path of a PEM file of certificate authorities to trust in addition to the system's; nil by default.
    public var caCertificateFile: String?

    /// The largest config to accept, in bytes after decompression: 32 MiB by default.
    public var bodyLimit = 32 << 20

    /// An HTTP client to use instead of a new one; nil by default. Its own timeouts, proxy and TLS settings apply, it
    /// has to have decompression enabled, and it is not shut down. Create it with `tracing.tracer = nil` if your
    /// application has a tracer: the client's own spans would have the SDK key, as a part of the URL.
    public var client: HTTPClient?

    /// Creates options with their defaults.
    public init() {}
}

/// An HTTP proxy.
///
///     options.http.proxy = ProxyOptions(host: "proxy.internal", port: 3128)
public struct ProxyOptions: Sendable, CustomStringConvertible {
    /// The proxy's host name or address.
    public var host: String
    /// The proxy's port.
    public var port: Int
    /// The user name for basic authorization.
    public var username: String?
    /// The password for basic authorization. It is never logged.
    public var password: String?

    /// Creates the options of a proxy.
    ///
    /// - Parameters:
    ///   - host: The host name or address.
    ///   - port: The port.
    ///   - username: The user name, if the proxy requires one.
    ///   - password: The password, if the proxy requires one.
    public init(host: String, port: Int, username: String? = nil, password: String? = nil) {
        self.host = host
        self.port = port
        self.username = username
        self.password = password
    }

    /// The host and the port, without credentials.
    public var description: String { "\(host):\(port)" }
}

extension ConfigCatOptions {
    package var isLocalOnly: Bool { flagOverrides?.behaviour == .localOnly }

    /// The base URL to use, if one is set.
    var customBaseURL: String? { baseUrl.isEmpty ? nil : baseUrl }

    /// Checks the options.
    ///
    /// - Throws: ``ConfigCatError`` for the first invalid option.
    package func validate() throws(ConfigCatError) {
        if let message = pollingMode.validationError { throw ConfigCatError(code: .invalidOption, message: message) }
        func require(_ holds: Bool, _ message: String) throws(ConfigCatError) {
            if !holds { throw ConfigCatError(code: .invalidOption, message: message) }
        }
        try require((0...1).contains(pollingJitter), "pollingJitter is \(pollingJitter); it has to be from 0 to 1")
        try require(
            leaseDuration >= .seconds(1) && leaseDuration <= .seconds(600),
            "leaseDuration is \(leaseDuration); it has to be from 1 second to 10 minutes")
        for (name, timeout) in [("connectTimeout", http.connectTimeout), ("readTimeout", http.readTimeout)] {
            try require(
                timeout > .zero && timeout <= .seconds(86_400),
                "http.\(name) is \(timeout); it has to be more than 0 and at most a day")
        }
        for (index, observer) in evaluationObservers.enumerated() {
            let error = observer.sampling.validationError
            try require(error == nil, "evaluationObservers[\(index)].sampling: \(error ?? "")")
        }
        try require(http.bodyLimit > 0, "http.bodyLimit is \(http.bodyLimit); it has to be more than 0")
        if let proxy = http.proxy {
            try require(!proxy.host.isEmpty, "http.proxy has no host")
            try require(
                (1...65535).contains(proxy.port), "http.proxy.port is \(proxy.port); it has to be from 1 to 65535")
        }
        if let customBaseURL, !Self.isURL(customBaseURL) {
            throw ConfigCatError(
                code: .invalidBaseUrl,
                message: "baseUrl is \(Self.quoted(baseURL: customBaseURL)); it has to be a URL of the form "
                    + "http://host[:port][/path] or https://…")
        }
    }

    /// Returns a base URL for messages, which must not contain a password.
    static func quoted(baseURL: String) -> String {
        baseURL.utf8.contains(UInt8(ascii: "@")) ? "a text with an @, such as a URL with a user" : "'\(baseURL)'"
    }

    private static func isURL(_ text: String) -> Bool {
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.count)
            let authority = rest.prefix { $0 != "/" }
            guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !rest.contains(where: { "?#\\".contains($0) })
            else {
                return false
            }
            if authority.hasPrefix("[") {
                guard let end = authority.firstIndex(of: "]") else { return false }
                return isPort(authority[authority.index(after: end)...])
            }
            let host = authority.prefix { $0 != ":" }
            return !host.isEmpty && !host.contains("@") && isPort(authority.dropFirst(host.count))
        }
        return false
    }

    /// Returns whether a string is empty, or a colon and a port.
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.hasPrefix(":") && Int(text.dropFirst()).map { (1...65535).contains($0) } == true
    }
}
