extension ScriptedCDN {
    /// A response of the CDN, right or wrong.
    ///
    ///     cdn.respond(with: .response(status: 503), .stall, .config(json).delayed(by: .seconds(1)))
    public struct Response: Sendable {
        enum Content: Sendable {
            case config([UInt8], eTag: String)
            case response(status: Int, headers: [(name: String, value: String)], body: [UInt8], length: Int)
            case stall
            case drop
        }

        let content: Content
        var delay = Duration.zero

        private init(_ content: Content) { self.content = content }

        /// Returns a response with a config: status 200, or 304 if the request names its ETag.
        ///
        /// - Parameters:
        ///   - json: Config JSON, for example that of ``TestFlagValues/json``.
        ///   - eTag: The ETag in its quotes; derived from the JSON if nil, and absent if empty.
        /// - Returns: The response.
        public static func config(_ json: String, eTag: String? = nil) -> Self {
            let body = Array(json.utf8)
            return Self(.config(body, eTag: eTag ?? "\"\(hash(body))\""))
        }

        /// Returns a response with any status and body.
        ///
        /// - Parameters:
        ///   - status: The status, from 200 to 999.
        ///   - headers: The headers; `Content-Length` is added.
        ///   - body: The bytes of the body.
        /// - Returns: The response.
        public static func response(status: Int, headers: [String: String] = [:], body: [UInt8] = []) -> Self {
            let sorted = headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
            return Self(.response(status: status, headers: sorted, body: body, length: body.count))
        }

        /// Returns a response with status 200 that ends early: the connection is closed after the body.
        ///
        /// - Parameters:
        ///   - body: The bytes that are sent.
        ///   - length: The announced number of bytes, more than are sent.
        /// - Returns: The response.
        public static func truncated(body: [UInt8], length: Int) -> Self {
            Self(.response(status: 200, headers: [], body: body, length: max(length, body.count + 1)))
        }

        /// No response, on a connection that stays open.
        public static let stall = Self(.stall)
        /// No response: the connection is closed.
        public static let drop = Self(.drop)

        /// Returns the response with a delay.
        ///
        /// - Parameter delay: The time between the request and the response, from 0 to an hour; a value outside becomes
        ///   the nearest one inside.
        /// - Returns: The delayed response.
        public func delayed(by delay: Duration) -> Self {
            var response = self
            response.delay = min(max(delay, .zero), .seconds(3600))
            return response
        }

        /// FNV-1a, so that equal configs have equal ETags in all processes.
        private static func hash(_ bytes: [UInt8]) -> String {
            let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
            return String(hash, radix: 16)
        }
    }
}
