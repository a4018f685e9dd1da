public import AsyncHTTPClient
public import ConfigCatCache
public import ConfigCatEvaluation
public import Logging

/// How a client works. Every option has a default that suits a server.
public struct ConfigCatOptions: Sendable {
    /// When the config is downloaded. By default every 60 seconds.
    public var pollingMode: PollingMode = PollingModes.autoPoll()

    /// The largest random delay of a poll, as a share of the interval, so that the processes of a fleet do not poll in lockstep:
    /// from 0 to 1, 0.1 by default.
    public var pollingJitter: Double = 0.1
    /// How long one process may keep a fleet waiting for its download, where the cache has leases: from 1 second to 10
    /// minutes; 5 seconds by default. When a process that downloads dies, another takes over after so long.
    public var leaseDuration: Duration = .seconds(5)
    /// How long a cycle waits for the cache. Tests on busy machines wait longer.
    package var cacheTimeout: Duration = .seconds(2)

    /// Where the config is shared with other processes; nil, the default, shares it with none.
    public var configCache: (any ConfigCache)?

    /// In which region the data is kept, as set on the dashboard. `global` by default.
    public var dataGovernance: DataGovernance = .global

    /// The URL of another CDN, such as a ConfigCat Proxy; empty by default.
    public var baseUrl: String = ""

    /// Local values that replace or complete downloaded ones; none by default.
    public var flagOverrides: (any OverrideDataSource)?

    /// The user for evaluations that are given none; none by default.
    public var defaultUser: ConfigCatUser?

    /// Handlers of the client's events. A client copies them when it is created: a handler that is added later is added to
    /// ``ConfigCatClient/hooks``.
    public var hooks = Hooks()

    /// Whether the client begins without HTTP requests, on its cache alone. False by default.
    public var offline = false

    /// Where log events go. By default a logger with the label `configcat` and the level `warning`.
    ///
    /// At the level `info`, every evaluation is explained in the log.
    public var logger = ConfigCatLogging.defaultLogger

    /// The level from which on events are logged. By default `nil`: the level of ``logger`` decides.
    public var logLevel: Logger.Level?

    /// The HTTP side.
    public var http = HTTPOptions()

    /// The defaults.
    public static var `default`: ConfigCatOptions { ConfigCatOptions() }

    /// The defaults.
    public init() {}
}

/// How configs are downloaded.
public struct HTTPOptions: Sendable {
    /// How long to wait for a connection: more than 0, at most a day, 10 seconds by default.
    public var connectTimeout: Duration = .seconds(10)

    /// How long to wait for the next bytes of a response: more than 0, at most a day, 30 seconds by default.
    public var readTimeout: Duration = .seconds(30)

    /// The proxy to go through; none by default.
    public var proxy: ProxyOptions?

    /// A PEM file of certificate authorities to trust beside those of the system; none by default.
    public var caCertificateFile: String?

    /// The largest config to accept, in bytes after decompression: 32 MiB by default.
    public var bodyLimit = 32 << 20

    /// An HTTP client to use as it is, instead of one made for this purpose. It is not shut down, its own timeouts,
    /// proxy and TLS apply, and it has to have decompression enabled. None by default.
    public var client: HTTPClient?

    /// The defaults.
    public init() {}
}

/// An HTTP proxy.
public struct ProxyOptions: Sendable, CustomStringConvertible {
    /// The proxy's host name or address.
    public var host: String
    /// The proxy's port.
    public var port: Int
    /// The user name for basic authorization.
    public var username: String?
    /// The password for basic authorization. It is never logged.
    public var password: String?

    /// Makes a proxy.
    ///
    /// - Parameters:
    ///   - host: The host name or address.
    ///   - port: The port.
    ///   - username: The user name, if the proxy asks for one.
    ///   - password: The password, if the proxy asks for one.
    public init(host: String, port: Int, username: String? = nil, password: String? = nil) {
        self.host = host
        self.port = port
        self.username = username
        self.password = password
    }

    /// Host and port; no credentials.
    public var description: String { "\(host):\(port)" }
}

extension ConfigCatOptions {
    package var isLocalOnly: Bool { flagOverrides?.behaviour == .localOnly }

    /// The base URL to use, if one is set.
    var customBaseURL: String? { baseUrl.isEmpty ? nil : baseUrl }

    /// Checks what can be checked before anything is started.
    func validate() throws(ConfigCatError) {
        if let fault = pollingMode.validationError { throw ConfigCatError(code: .invalidOption, message: fault) }
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
        try require(http.bodyLimit > 0, "http.bodyLimit is \(http.bodyLimit); it has to be more than 0")
        if let proxy = http.proxy {
            try require(!proxy.host.isEmpty, "http.proxy has no host")
            try require(
                (1...65535).contains(proxy.port), "http.proxy.port is \(proxy.port); it has to be from 1 to 65535")
        }
        if let customBaseURL, !Self.isURL(customBaseURL) {
            throw ConfigCatError(
                code: .invalidBaseUrl,
                message: "baseUrl '\(customBaseURL)' is not a URL of the form http://host[:port][/path] or https://…")
        }
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

    /// Nothing, or a colon and a port.
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.hasPrefix(":") && Int(text.dropFirst()).map { (1...65535).contains($0) } == true
    }
}
