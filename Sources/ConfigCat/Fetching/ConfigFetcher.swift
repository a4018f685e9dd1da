import ConfigCatCache
import ConfigCatEvaluation
import Synchronization

/// Downloads the config, and follows the redirects of data governance.
final class ConfigFetcher: Sendable {
    typealias Outcome = PollingStateMachine<ConfigEntry>.FetchOutcome

    /// The largest number of requests for one download.
    private static let maximumRequests = 3

    private let sdkKey: SDKKey
    private let transport: any HTTPTransport
    private let userAgent: String
    private let bodyLimit: Int
    private let log: EventLogger
    private let tracing: OperationTracing
    private let host: HostRuntime
    private let route: Mutex<DataGovernanceRoute>

    init(
        sdkKey: SDKKey, transport: any HTTPTransport, options: ConfigCatOptions, route: DataGovernanceRoute,
        log: EventLogger, tracing: OperationTracing = OperationTracing(), host: HostRuntime
    ) {
        self.sdkKey = sdkKey
        self.transport = transport
        self.log = log
        self.tracing = tracing
        self.host = host
        self.route = Mutex(route)
        userAgent = "ConfigCat-Swift-Server/\(options.pollingMode.letter)-\(SDKVersion.current)"
        bodyLimit = options.http.bodyLimit
    }

    /// Downloads the config, unless the CDN confirms the held one.
    ///
    /// - Parameters:
    ///   - held: The entry that the client holds.
    ///   - store: The store's clock, which dates the download.
    /// - Returns: The new config, that the held one is current, or why there is neither.
    func fetch(held: ConfigEntry?, store: StoreReading?) async -> Outcome {
        var downloaded: ConfigEntry?
        for request in 1...Self.maximumRequests {
            // Another host may use other ETags, so the next request has none.
            let outcome = await fetchOnce(held: request == 1 ? held : nil, store: store)
            guard case .entry(let entry) = outcome else {
                // If the request to the other host fails, the config that named the host is used.
                return downloaded.map { .entry($0) } ?? outcome
            }
            downloaded = entry
            let decision = route.withLock { $0.follow(url: entry.config.baseURL, mode: entry.config.redirectMode) }
            if decision == .done || Task.isCancelled { return outcome }
            if decision == .fetchAgainAndWarn {
                log.warning(
                    3002,
                    "The dataGovernance option differs from the dashboard's Data Governance setting: "
                        + "downloads are redirected to \(shown(route.withLock(\.baseURL))).")
            }
        }
        log.error(1104, "The CDN's redirects form a loop. The last config is used.")
        return downloaded.map { .entry($0) } ?? .failed(.failure(.unexpectedError, "no request was made"))
    }

    private func fetchOnce(held: ConfigEntry?, store: StoreReading?) async -> Outcome {
        let base = route.withLock(\.baseURL)
        var headers = [
            (name: "User-Agent", value: userAgent), (name: "X-ConfigCat-UserAgent", value: userAgent),
            (name: "Accept-Encoding", value: "gzip, deflate"),
        ]
        if let eTag = held?.eTag, Self.isHeaderValue(eTag) { headers.append((name: "If-None-Match", value: eTag)) }
        let request = HTTPTransportRequest(
            url: "\(base)/configuration-files/\(sdkKey.text)/config_v6.json", headers: headers, bodyLimit: bodyLimit)
        // The entry is dated before the request, because the process may be suspended before it handles the response.
        let instant = host.now()
        let asked = EntryTime(
            fetchTime: host.wall(), instant: instant, storeTime: store?.storeTime(at: instant))
        do {
            let response = try await tracing.download(request, sdkKey: sdkKey, from: transport)
            return outcome(response, held: held, base: base, asked: asked)
        } catch {
            return failure(error, base: base)
        }
    }

    private func outcome(
        _ response: HTTPTransportResponse, held: ConfigEntry?, base: String, asked: EntryTime
    ) -> Outcome {
        switch response.status {
        case 200:
            do {
                let config = try Config(taking: response.body)
                return .entry(ConfigEntry(config: config, eTag: Self.eTag(of: response), time: asked))
            } catch {
                return .failed(report(1105, .invalidHttpResponseContent, "the content is \(error)", error, base))
            }
        case 304 where held != nil:
            return .notModified(asked)
        case 403, 404:
            return .refused(
                report(
                    1100, .invalidSdkKey,
                    "the CDN answered \(response.status); the SDK key \(sdkKey) seems to be wrong", nil, base), asked)
        default:
            return .failed(
                report(1101, .unexpectedHttpResponse, "the CDN answered with status \(response.status)", nil, base))
        }
    }

    /// The length of the longest ETag that is kept, in bytes. Caches look for the ETag in the beginning of an entry.
    private static let eTagLimit = 8192

    /// Returns the ETag of a response; empty if there is none, or it cannot be kept.
    private static func eTag(of response: HTTPTransportResponse) -> String {
        guard let eTag = response.eTag, eTag.utf8.count <= eTagLimit, !eTag.utf8.contains(UInt8(ascii: "\n")) else {
            return ""
        }
        return eTag
    }

    /// Returns whether an ETag can be sent in a header field. An ETag from the cache may contain any characters.
    private static func isHeaderValue(_ eTag: String) -> Bool {
        !eTag.isEmpty && eTag.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    private func failure(_ error: HTTPTransportError, base: String) -> Outcome {
        switch error.kind {
        case .cancelled:
            return .failed(.failure(.unexpectedError, error.message, underlying: error.underlying))
        case .timeout:
            return .failed(report(1102, .httpRequestTimeout, "timeout: \(error.message)", error.underlying, base))
        case .connection:
            return .failed(report(1103, .httpRequestFailure, error.message, error.underlying, base))
        case .invalidBody:
            return .failed(report(1105, .invalidHttpResponseContent, error.message, error.underlying, base))
        }
    }

    /// Returns a base URL for the log. A downloaded config may name one with the key or credentials.
    private func shown(_ base: String) -> String { sdkKey.masked(in: URLParts(base).full) }

    private func report(
        _ id: Int, _ code: RefreshErrorCode, _ message: String, _ error: (any Error)?, _ base: String
    ) -> RefreshResult {
        // Messages of the HTTP client may quote the URL, which contains the key.
        let message = sdkKey.masked(in: message)
        log.error(id, "The config cannot be downloaded from \(shown(base)): \(message).", error)
        return .failure(code, message, underlying: error)
    }
}
