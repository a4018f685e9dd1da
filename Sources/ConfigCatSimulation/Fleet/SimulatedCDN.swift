import ConfigCat
import ConfigCatCache

/// The CDN, and its faults.
final class SimulatedCDN {
    /// The ways in which requests fail for a while.
    enum Fault: CaseIterable {
        /// There is no connection.
        case down
        /// The response is a server error, status 503.
        case error
        /// The response is not a config.
        case garbage
        /// The SDK key is refused with status 404.
        case refused
        /// The response takes up to 30 seconds.
        case slow
        /// The request times out.
        case hang
    }

    /// The version of the config that is served.
    var version = 1
    /// The number of requests so far.
    private(set) var requests = 0
    private let world: World
    private var faults: [(kind: Fault, end: Int64)] = []

    init(_ world: World) { self.world = world }

    /// Starts a fault, which lasts for so many milliseconds.
    func begin(_ fault: Fault, for duration: Int64) { faults.append((fault, world.now + duration)) }

    /// Responds to a request of a process, after a delay.
    ///
    /// - Parameters:
    ///   - held: The ETag of the config that the client has; nil if it has none.
    ///   - life: The process.
    /// - Returns: The response.
    /// - Throws: `HTTPTransportError` during some faults; `CancellationError` if the process has crashed.
    func get(_ held: String?, for life: Life) async throws -> HTTPTransportResponse {
        if life.isCrashed { throw CancellationError() }
        life.checkCall("a request")
        life.checkRequest()
        life.calls += 1
        defer { life.calls -= 1 }
        let asked = world.now
        return try await world.wait { promise in
            faults.removeAll { $0.end <= world.now }
            let kind = faults.randomElement(using: &world.random)?.kind
            var (before, after): (Int64, Int64) = (
                .random(in: 1...40, using: &world.random), .random(in: 1...40, using: &world.random)
            )
            if kind == .slow {
                before = .random(in: 0...15_000, using: &world.random)
                after = .random(in: 0...15_000, using: &world.random)
            }
            world.after(before) { [self] in
                if life.isCrashed { return }
                requests += 1
                let answer = answer(held, kind)
                if let version = confirmed(by: answer, held) { world.downloads.add(version, asked: asked) }
                world.record("CDN: request of \(life.name) with ETag \(held ?? "none"): \(Self.describe(answer))")
                world.after(kind == .hang ? 30_000 : after) { promise.finish(answer) }
            }
        }
    }

    private func answer(_ held: String?, _ fault: Fault?) -> Result<HTTPTransportResponse, any Error> {
        switch fault {
        case .down: return .failure(HTTPTransportError(kind: .connection, message: "no connection"))
        case .hang: return .failure(HTTPTransportError(kind: .timeout, message: "no answer"))
        case .error: return .success(HTTPTransportResponse(status: 503, eTag: nil, body: []))
        case .refused: return .success(HTTPTransportResponse(status: 404, eTag: nil, body: []))
        case .garbage: return .success(HTTPTransportResponse(status: 200, eTag: "\"x\"", body: Array("<html>".utf8)))
        case .slow, nil:
            let eTag = ServedConfig.eTag(version)
            if held == eTag { return .success(HTTPTransportResponse(status: 304, eTag: eTag, body: [])) }
            return .success(
                HTTPTransportResponse(status: 200, eTag: eTag, body: Array(ServedConfig.json(version).utf8)))
        }
    }

    /// Returns the version that a response confirms as current. A refusal counts as confirming the client's config.
    private func confirmed(by answer: Result<HTTPTransportResponse, any Error>, _ held: String?) -> Int? {
        switch try? answer.get().status {
        case 200, 304: version
        case 404: held.flatMap { Int($0.filter(\.isNumber)) }
        default: nil
        }
    }

    private static func describe(_ answer: Result<HTTPTransportResponse, any Error>) -> String {
        switch answer {
        case .success(let response): "\(response.status) \(response.eTag ?? "")"
        case .failure(let error): "\((error as? HTTPTransportError)?.message ?? "")"
        }
    }
}

/// The HTTP transport of a process's client, which sends requests to the simulated CDN.
struct SimulatedTransport: HTTPTransport, @unchecked Sendable {
    let cdn: SimulatedCDN
    let life: Life

    func get(_ request: HTTPTransportRequest) async throws(HTTPTransportError) -> HTTPTransportResponse {
        do {
            return try await cdn.get(request.headers.first { $0.name == "If-None-Match" }?.value, for: life)
        } catch let error as HTTPTransportError {
            throw error
        } catch {
            throw HTTPTransportError(kind: .cancelled, message: "cancelled")
        }
    }

    func shutdown() async {}
}
