package import NIOHTTP1

/// The response of a CDN to a request for a config.
package struct CDNContent: Sendable {
    package var body: [UInt8]
    package var eTag: String
    /// Whether the CDN responds with status 503 instead.
    package var isUnavailable: Bool

    package init(body: [UInt8], eTag: String, isUnavailable: Bool = false) {
        self.body = body
        self.eTag = eTag
        self.isUnavailable = isUnavailable
    }
}

/// Decides what a CDN serves, and records its responses.
package protocol CDNDocument: Sendable {
    /// Returns the content that is served for a path now; nil if the request gets no response at all.
    func content(for path: String) -> CDNContent?
    /// Records a response, right after it was sent.
    func answered(_ request: HTTPRequestHead, path: String, status: Int)
}
