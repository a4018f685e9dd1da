import NIOCore
package import NIOHTTP1
import NIOPosix
package import NIOSSL
import Synchronization

/// A CDN on loopback that sends the responses of a script, for integration tests with whole clients.
///
///     let cdn = try await ScriptedCDN(.response(status: 503), .config(json))
///     let client = try ConfigCatClient.get(sdkKey: key) { $0.baseUrl = cdn.url }
///     try await cdn.waitForRequests(2)
///     await client.shutdown()
///     await cdn.shutdown()
///
/// Each response of the script is for one request, whatever its path is; the last one is repeated. The CDN listens on
/// 127.0.0.1 only. It records the first 100,000 requests, without bodies.
public final class ScriptedCDN: Sendable {
    /// A request that the CDN has received.
    public struct Request: Sendable {
        /// The method, such as `GET`.
        public let method: String
        /// The path and the query.
        public let path: String
        package let headers: HTTPHeaders

        /// Returns the value of a header.
        ///
        /// - Parameter name: The name, in upper or lower case.
        /// - Returns: The value of the first header with this name; nil if there is none.
        public func header(_ name: String) -> String? { headers.first(name: name) }
    }

    private let script: CDNScript
    private let channel: any Channel

    /// Starts a CDN on a free port.
    ///
    /// - Parameter responses: The responses; without any, each request is answered with status 404.
    /// - Throws: An error of the system if no port can be opened.
    public convenience init(_ responses: Response...) async throws { try await self.init(responses, tls: nil) }

    package init(_ responses: [Response], tls: NIOSSLContext?) async throws {
        let script = CDNScript(responses)
        self.script = script
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()), name: "decoder")
                    try pipeline.addHandler(ScriptedCDNHandler(script))
                    script.add(channel)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    deinit {
        script.close()
        channel.close(promise: nil)
    }

    /// The port that the CDN listens on.
    public var port: Int { channel.localAddress?.port ?? 0 }
    /// The CDN's URL, for `ConfigCatOptions.baseUrl`.
    public var url: String { "http://127.0.0.1:\(port)" }

    // MARK: - The script

    /// Replaces the rest of the script.
    ///
    /// - Parameter responses: The responses to further requests; the last one is repeated. Without any, each request is
    ///   answered with status 404.
    public func respond(with responses: Response...) { script.set(responses) }

    /// Begins an outage: connections are closed, and new ones too, without a response. The script waits.
    public func startOutage() { script.setOutage(true) }

    /// Ends an outage, and goes on with the script.
    public func endOutage() { script.setOutage(false) }

    // MARK: - The requests

    /// The requests so far, also those without a response.
    public var requests: [Request] { script.requests }

    /// Waits until the CDN has received requests.
    ///
    /// - Parameter count: The number of requests since the CDN was started, at most 100,000.
    /// - Throws: `CancellationError` if the task is cancelled, or if the CDN is shut down.
    public func waitForRequests(_ count: Int) async throws { try await script.waitForRequests(count) }

    /// Closes the port and all connections, and waits until the port is closed. A second call does nothing.
    public func shutdown() async {
        script.close()
        try? await channel.close()
    }
}
