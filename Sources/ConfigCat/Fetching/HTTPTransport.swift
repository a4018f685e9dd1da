package import ConfigCatEvaluation

/// An HTTP client for GET requests.
package protocol HTTPTransport: Sendable {
    /// Performs a GET request.
    ///
    /// - Returns: The response with its body, decompressed.
    /// - Throws: ``HTTPTransportError`` if there is no response, or its body is invalid.
    func get(_ request: HTTPTransportRequest) async throws(HTTPTransportError) -> HTTPTransportResponse

    /// Closes the connections, if the transport owns them.
    func shutdown() async
}

package struct HTTPTransportRequest: Sendable {
    package var url: String
    package var headers: [(name: String, value: String)]
    /// The largest body to accept, in bytes, after decompression.
    package var bodyLimit: Int
}

package struct HTTPTransportResponse: Sendable {
    package var status: Int
    package var eTag: String?
    /// The body, which is empty once it has been read.
    package var body: DocumentBuffer

    package init(status: Int, eTag: String?, body: DocumentBuffer) {
        (self.status, self.eTag, self.body) = (status, eTag, body)
    }

    package init(status: Int, eTag: String?, body: [UInt8]) {
        self.init(status: status, eTag: eTag, body: DocumentBuffer(body))
    }
}

/// The reason why a request got no response.
package struct HTTPTransportError: Error {
    package enum Kind: Sendable {
        case timeout
        case connection
        /// The body is too large or cannot be decompressed.
        case invalidBody
        case cancelled
    }

    var kind: Kind
    package var message: String
    var underlying: (any Error)?

    package init(kind: Kind, message: String, underlying: (any Error)? = nil) {
        (self.kind, self.message, self.underlying) = (kind, message, underlying)
    }
}
