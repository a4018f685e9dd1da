extension OperationTracing {
    /// Performs a download as a span, with the attributes of OpenTelemetry's conventions for HTTP clients:
    /// https://opentelemetry.io/docs/specs/semconv/http/http-spans/
    func download(
        _ request: HTTPTransportRequest, sdkKey: SDKKey, from transport: any HTTPTransport
    ) async throws(HTTPTransportError) -> HTTPTransportResponse {
        try await trace(
            .download(request.url, sdkKey: sdkKey), finish: { .response(status: $0.status) },
            fail: { .failure($0, sdkKey: sdkKey) }
        ) { () async throws(HTTPTransportError) -> HTTPTransportResponse in
            try await transport.get(request)
        }
    }
}

extension OperationTracing.Operation {
    /// Returns the description of a download. The SDK key in the URL is masked.
    static func download(_ url: String, sdkKey: SDKKey) -> Self {
        let parts = URLParts(url)
        let template = parts.path.replacing(sdkKey.text, with: "{sdkKey}")
        var operation = Self(
            name: "GET \(template)",
            attributes: [
                ("http.request.method", .string("GET")), ("url.full", .string(sdkKey.masked(in: parts.full))),
                ("url.template", .string(template)), ("server.address", .string(parts.host)),
            ])
        if let port = parts.port { operation.attributes.append(("server.port", .int(port))) }
        return operation
    }
}

extension OperationTracing.Outcome {
    static func response(status: Int) -> Self {
        Self(
            attributes: [("http.response.status_code", .int(status))], errorType: status < 400 ? nil : "\(status)")
    }

    static func failure(_ error: HTTPTransportError, sdkKey: SDKKey) -> Self {
        let type =
            switch error.kind {
            case .timeout: "timeout"
            case .connection: "connection"
            case .invalidBody: "invalid_body"
            case .cancelled: "cancelled"
            }
        // Messages of the HTTP client may quote the URL, which contains the key.
        return Self(errorType: type, message: sdkKey.masked(in: error.message))
    }
}

/// The parts of a URL of the form `scheme://[user[:password]@]host[:port][/path]`. A downloaded config may name any URL.
struct URLParts {
    /// The URL with user and password replaced.
    private(set) var full: String
    private(set) var host = ""
    private(set) var port: Int?
    private(set) var path = ""

    init(_ url: String) {
        full = url
        guard let schemeEnd = url.firstRange(of: "://") else { return }
        let scheme = url[..<schemeEnd.lowerBound]
        let rest = url[schemeEnd.upperBound...]
        var authority = rest.prefix { $0 != "/" }
        path = String(rest[authority.endIndex...])
        if let end = authority.lastIndex(of: "@") {
            authority = authority[authority.index(after: end)...]
            full = "\(scheme)://REDACTED:REDACTED@\(authority)\(path)"
        }
        port = scheme == "http" ? 80 : 443
        let name =
            authority.hasPrefix("[")
            ? authority.prefix(through: authority.firstIndex(of: "]") ?? authority.startIndex)
            : authority.prefix { $0 != ":" }
        if let number = Int(authority[name.endIndex...].dropFirst()) { port = number }
        host = String(name.hasPrefix("[") ? name.dropFirst().dropLast() : name)
    }
}
