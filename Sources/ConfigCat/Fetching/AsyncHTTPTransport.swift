import ConfigCatPlatform
import AsyncHTTPClient
import ConfigCatEvaluation
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import NIOPosix
import NIOSSL

/// An HTTP transport that uses AsyncHTTPClient.
struct AsyncHTTPTransport: HTTPTransport {
    private let client: HTTPClient
    /// Whether the transport created the client, and therefore has to shut it down.
    private let isOwned: Bool
    private let timeout: Duration

    /// Creates a transport.
    ///
    /// - Parameter options: The HTTP options. If they contain a client, it is used as it is.
    /// - Throws: ``ConfigCatError`` if the file of certificates cannot be read.
    init(_ options: HTTPOptions) throws(ConfigCatError) {
        // A limit for the whole request: otherwise, a server that sends single bytes slowly could keep it open for
        // ever.
        timeout = options.connectTimeout + options.readTimeout * 4
        if let client = options.client {
            (self.client, isOwned) = (client, false)
            return
        }
        var configuration = HTTPClient.Configuration()
        configuration.timeout = HTTPClient.Configuration.Timeout(
            connect: TimeAmount(options.connectTimeout), read: TimeAmount(options.readTimeout))
        configuration.decompression = .enabled(limit: .size(options.bodyLimit))
        // Its spans would have the SDK key, as a part of the URL. `ConfigFetcher` starts those of downloads.
        configuration.tracing.tracer = nil
        // See `HTTPRedirects`.
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
        if let proxy = options.proxy {
            let authorization = proxy.username.map {
                HTTPClient.Authorization.basic(username: $0, password: proxy.password ?? "")
            }
            configuration.proxy = .server(host: proxy.host, port: proxy.port, authorization: authorization)
        }
        if let path = options.caCertificateFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            do {
                tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(path))]
            } catch {
                throw ConfigCatError(
                    code: .invalidOption, message: "http.caCertificateFile: no certificates can be read from \(path)",
                    underlying: error)
            }
            configuration.tlsConfiguration = tls
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        isOwned = true
    }

    /// Returns whether an HTTP client has a tracer, to which it would give URLs.
    static func isTraced(_ client: HTTPClient?) -> Bool {
        // The type of a tracer that does nothing has no name here if the trait for tracing is disabled.
        client?.tracer.map { "\(type(of: $0))" != "NoOpTracer" } ?? false
    }

    func shutdown() async {
        if isOwned { try? await client.shutdown() }
    }

    func get(_ request: HTTPTransportRequest) async throws(HTTPTransportError) -> HTTPTransportResponse {
        do {
            return try await withThrowingTaskGroup(of: HTTPTransportResponse.self) { group in
                group.addTask { try await perform(request) }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    throw HTTPTransportError(kind: .timeout, message: "the response took longer than \(timeout)")
                }
                defer { group.cancelAll() }
                guard let response = try await group.next() else { throw CancellationError() }
                return response
            }
        } catch {
            throw Self.transportError(error)
        }
    }

    private func perform(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse {
        var redirects = try HTTPRedirects(request.url)
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        var response: HTTPClientResponse
        repeat {
            var message = HTTPClientRequest(url: redirects.url)
            message.headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
            response = try await client.execute(message, deadline: deadline)
            // A client of the application has its own rules.
        } while try isOwned
            && redirects.follow(
                status: Int(response.status.code), location: response.headers.first(name: "Location"))
        // Bodies of responses with other statuses are not needed.
        let body = response.status == .ok ? try await Self.body(of: response, request.bodyLimit) : DocumentBuffer()
        return HTTPTransportResponse(
            status: Int(response.status.code), eTag: response.headers.first(name: "ETag"), body: body)
    }

    /// Collects the body where the config will have it.
    private static func body(of response: HTTPClientResponse, _ limit: Int) async throws -> DocumentBuffer {
        let body = DocumentBuffer()
        // Of a compressed body, this is the smaller size.
        if let size = response.headers.first(name: "Content-Length").flatMap({ Int($0) }), size >= 0 {
            guard size <= limit else { throw NIOTooManyBytesError(maxBytes: limit) }
            body.reserveCapacity(size)
        }
        for try await piece in response.body {
            guard piece.readableBytes <= limit - body.count else { throw NIOTooManyBytesError(maxBytes: limit) }
            body.append(piece.readableBytesView)
        }
        return body
    }

    private static func transportError(_ error: any Error) -> HTTPTransportError {
        switch error {
        case let error as HTTPTransportError:
            return error
        case is CancellationError:
            return HTTPTransportError(kind: .cancelled, message: "the request was cancelled", underlying: error)
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .readTimeout, .writeTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout,
                .tlsHandshakeTimeout, .httpProxyHandshakeTimeout:
                return HTTPTransportError(kind: .timeout, message: error.shortDescription, underlying: error)
            case .cancelled, .alreadyShutdown:
                return HTTPTransportError(kind: .cancelled, message: error.shortDescription, underlying: error)
            default:
                return HTTPTransportError(kind: .connection, message: error.shortDescription, underlying: error)
            }
        case is NIOTooManyBytesError:
            return HTTPTransportError(
                kind: .invalidBody, message: "the body is larger than the limit", underlying: error)
        case let error as NIOHTTPDecompression.DecompressionError:
            return HTTPTransportError(
                kind: .invalidBody, message: "the body is larger than the limit or cannot be decompressed (\(error))",
                underlying: error)
        case let error as NIOHTTPDecompression.ExtraDecompressionError:
            return HTTPTransportError(
                kind: .invalidBody, message: "the body cannot be decompressed (\(error))", underlying: error)
        case let error as ChannelError:
            if case .connectTimeout = error {
                return HTTPTransportError(kind: .timeout, message: "\(error)", underlying: error)
            }
            return HTTPTransportError(kind: .connection, message: "\(error)", underlying: error)
        default:
            return HTTPTransportError(kind: .connection, message: description(of: error), underlying: error)
        }
    }

    /// Returns a description of the reason, without the request.
    private static func description(of error: any Error) -> String {
        switch error {
        case let error as IOError:
            return String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            if error.dnsAError != nil || error.dnsAAAAError != nil, error.connectionErrors.isEmpty {
                return "the host name '\(error.host)' cannot be resolved"
            }
            let reasons = error.connectionErrors.map { description(of: $0.error) }
            return "no connection to \(error.host):\(error.port): \(Set(reasons).sorted().joined(separator: "; "))"
        case let error as NIOSSLError:
            return "TLS: \(error)"
        default:
            return "\(error)"
        }
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
