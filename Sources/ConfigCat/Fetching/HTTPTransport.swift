/// What a client needs of HTTP: one GET at a time.
protocol HTTPTransport: Sendable {
    /// Performs a GET and collects the body, decompressed.
    ///
    /// - Throws: `HTTPTransportError`.
    func get(_ request: HTTPTransportRequest) async throws(HTTPTransportError) -> HTTPTransportResponse

    /// Releases connections, if they are the transport's own.
    func shutdown() async
}

struct HTTPTransportRequest: Sendable {
    var url: String
    var headers: [(name: String, value: String)]
    /// The largest body to accept, in bytes, after decompression.
    var bodyLimit: Int
}

struct HTTPTransportResponse: Sendable {
    var status: Int
    var eTag: String?
    var body: [UInt8]
}

/// Why there is no response.
struct HTTPTransportError: Error {
    enum Kind {
        case timeout
        case connection
        /// The body is too large or cannot be decompressed.
        case invalidBody
        case cancelled
    }

    var kind: Kind
    var message: String
    var underlying: (any Error)?
}
