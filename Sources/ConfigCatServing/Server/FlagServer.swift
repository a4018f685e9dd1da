import ConfigCat
import ConfigCatCache
import ConfigCatCommandLine
import ConfigCatPlatform
import ConfigCatSQLiteCache
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The server of `configcatctl serve`: a development server, a relay, or both.
package final class FlagServer: Sendable {
    package let options: FlagServerOptions
    package let configs = ServedConfigs()
    package let streams: ServerSentEvents
    let access: AccessControl
    /// The keys of webhooks by the ID of their config.
    private let webhookKeys: WebhookKeys
    private let sources: ConfigSources
    private let certificate: ReloadingCertificate?
    /// Where overrides are kept. A relay has none.
    let overrides: any OverrideStore
    private let requestLog: RequestLog?
    let logger: Logger

    /// Creates a server, which ``run(signals:onReady:)`` runs.
    ///
    /// - Parameters:
    ///   - options: What to serve.
    ///   - requestLog: Where requests of SDKs are printed; nil for nowhere.
    ///   - logger: The logger for everything else.
    /// - Throws: ``DeclarationError`` if the options are invalid; an error of the cache, of the client or of NIOSSL if
    ///   they cannot be used; an error of the database of overrides if it cannot be opened.
    package init(_ options: FlagServerOptions, requestLog: RequestLog?, logger: Logger) throws {
        try options.validate()
        self.options = options
        self.requestLog = requestLog
        self.logger = logger
        webhookKeys = WebhookKeys(options.webhookKeys)
        access = AccessControl(token: options.token)
        streams = ServerSentEvents(limit: options.streamLimit)
        certificate = try options.tls.map { try ReloadingCertificate($0, logger: logger) }
        let cache = try options.cacheURL.map { try CacheURL($0).open() }
        overrides = try OverrideStores.open(options, logger: logger)
        sources = try ConfigSources(options, cache: cache, overrides: overrides, configs: configs, logger: logger)
    }

    /// Serves until the task is cancelled, or a signal arrives.
    ///
    /// - Parameters:
    ///   - signals: Whether SIGTERM and SIGINT end the server.
    ///   - onReady: Called with the URL when requests are accepted.
    /// - Throws: An error of SwiftNIO if the address cannot be bound.
    package func run(signals: Bool, onReady: @escaping @Sendable (String) -> Void) async throws {
        do {
            try await sources.startFiles()
        } catch let error as SQLiteCacheError {
            throw DeclarationError("the overrides cannot be read: \(error)")
        }
        certificate?.start()
        let application = try application(onReady: onReady)
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: Background(server: self)),
                .init(service: Frontend(server: self, application: application)),
            ],
            gracefulShutdownSignals: signals ? [.sigterm, .sigint] : [],
            logger: .silent)
        // Connections are closed and sources ended before: see `ShutdownDeadlineHandler` and `Frontend`.
        configuration.maximumGracefulShutdownDuration = Self.shutdownLimit
        let group = ServiceGroup(configuration: configuration)
        defer { certificate?.stop() }
        try await group.run()
    }

    private static let shutdownLimit = Duration.seconds(15)

    /// Applies options that have changed: the configs, the token and the keys of webhooks. Files and certificates are read
    /// again.
    ///
    /// - Returns: The names of options that have changed, and need a new start.
    /// - Throws: ``DeclarationError`` or `ConfigCatError` if the new options are invalid. The old ones stay in force then.
    package func reload(_ new: FlagServerOptions) async throws -> [String] {
        // The address and the kind of server stay as they are until a new start, also for what they demand.
        var inForce = new
        inForce.host = options.host
        inForce.isRelay = options.isRelay
        try inForce.validate()
        let refresh = try await sources.reload(new.configs)
        access.replace(with: new.token)
        webhookKeys.replace(with: new.webhookKeys)
        certificate?.reload()
        await refresh()
        var others: [String] = []
        func note<Value: Equatable>(_ path: KeyPath<FlagServerOptions, Value>, _ name: SettingName) {
            if options[keyPath: path] != new[keyPath: path] { others.append(name.rawValue) }
        }
        note(\.host, .host)
        note(\.port, .port)
        note(\.isRelay, .relay)
        note(\.publicHosts, .publicHost)
        note(\.cacheURL, .cache)
        note(\.baseURL, .baseURL)
        note(\.pollInterval, .pollInterval)
        note(\.overridesPath, .overrides)
        note(\.isEphemeral, .ephemeral)
        note(\.tls, .tlsCertificate)
        note(\.streamLimit, .streamLimit)
        return others
    }

    // MARK: - Routes

    func router() -> Router<ServingContext> {
        let router = Router(context: ServingContext.self)
        CDNRoutes(configs: configs, log: requestLog).add(to: router)
        Relay(
            configs: configs, streams: streams,
            webhookKeys: { [webhookKeys] in webhookKeys[$0] }, textMetrics: options.metrics,
            logger: logger
        ).add(to: router, access: access)
        if !options.isRelay {
            let guarded = router.group().add(middleware: BrowserGuard(hosts: hostPolicy))
            LoginRoutes(access: access, isSecure: options.tls != nil).add(to: guarded)
            PageRoutes(access: access).add(to: guarded)
            let development = guarded.group("/api/dev").add(middleware: TokenGuard(access: access))
            DevelopmentRoutes(configs: configs, store: overrides, streams: streams, logger: logger).add(to: development)
            OpenAPIRoute().add(to: guarded)
        }
        return router
    }

    var hostPolicy: HostPolicy { HostPolicy(names: options.publicHosts + [options.host]) }

    private func application(onReady: @escaping @Sendable (String) -> Void) throws -> some ApplicationProtocol {
        let http1 = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [SlowReaderHandler(), SlowRequestHandler(), ShutdownDeadlineHandler()],
                idleTimeout: .seconds(60)))
        let scheme = certificate == nil ? "http" : "https"
        return Application(
            router: router(),
            server: try certificate.map { try .tls(http1, tlsConfiguration: $0.configuration) } ?? http1,
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port), backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionLimit())),
            onServerRunning: { channel in onReady(Self.url(scheme, channel.localAddress)) },
            logger: .silent)
    }

    /// Raises the limit of open files, and returns how many connections fit.
    private static func connectionLimit() -> Int {
        let files = FileLimit.raise()
        return max(64, files - 256)
    }

    private static func url(_ scheme: String, _ address: SocketAddress?) -> String {
        let host = address?.ipAddress ?? "127.0.0.1"
        return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(address?.port ?? 0)"
    }

    /// Returns whether another program listens on the server's port.
    package static func isPortInUse(_ error: any Error) -> Bool { (error as? IOError)?.errnoCode == EADDRINUSE }

    // MARK: - Services

    /// Runs while the server answers requests, and ends the streams of events before it ends.
    private struct Frontend<Application: ApplicationProtocol>: Service {
        let server: FlagServer
        let application: Application

        func run() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        try await gracefulShutdown()
                        try await Task.sleep(for: .seconds(ShutdownDeadlineHandler.seconds))
                    } catch { return }
                    // Requests may still wait for a download.
                    await server.sources.stopAll()
                }
                try await withGracefulShutdownHandler {
                    try await application.run()
                } onGracefulShutdown: {
                    server.configs.events.finish()
                }
                group.cancelAll()
            }
        }
    }

    /// Keeps the configs current, and the streams of events alive.
    private struct Background: Service {
        let server: FlagServer

        func run() async throws {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await server.sources.startClients() }
                group.addTask { await server.followOverrides() }
                await cancelWhenGracefulShutdown { await server.sendPeriodicEvents() }
                group.cancelAll()
            }
            await server.sources.stop()
            await server.overrides.close()
        }
    }

    /// Reads the overrides again when another server has changed them.
    private func followOverrides() async {
        let changes = overrides.changes()
        // They may have changed since the start.
        await loadOverrides()
        for await _ in changes { await loadOverrides() }
    }

    private func loadOverrides() async {
        for config in configs.all {
            do {
                try await config.loadOverrides(from: overrides)
            } catch is CancellationError {
                return
            } catch {
                logger.warning(
                    "The overrides cannot be read; the last ones stay in use.", metadata: ["error": "\(error)"])
            }
        }
    }

    private static let tick = Duration.milliseconds(500)
    private static let ticksPerHeartbeat = 30

    private func sendPeriodicEvents() async {
        for tick in 1... {
            do { try await Task.sleep(for: Self.tick) } catch { return }
            for config in configs.all where config.journal.takeChange() { configs.events.send(.clients(id: config.id)) }
            if tick.isMultiple(of: Self.ticksPerHeartbeat) { configs.events.send(.heartbeat) }
        }
    }
}
