import ConfigCatCommandLine
package import Hummingbird
import NIOCore

/// An HTTP server on a free port of loopback.
package final class LocalServer: Sendable {
    /// The base URL.
    package let url: String
    private let task: Task<Void, any Error>

    /// Starts a server.
    ///
    /// - Parameter responder: Answers all requests.
    /// - Throws: An error of SwiftNIO if no port can be opened.
    package init<Responder: HTTPResponder>(_ responder: Responder) async throws
    where Responder.Context == ServingContext {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            responder: responder,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) },
            logger: .silent)
        let task = Task {
            defer { continuation.finish() }
            try await application.run()
        }
        self.task = task
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else {
            try await task.value
            throw CancellationError()
        }
        url = "http://127.0.0.1:\(port)"
    }

    deinit { task.cancel() }

    /// Closes the port and all connections.
    package func stop() async {
        task.cancel()
        _ = await task.result
    }
}
