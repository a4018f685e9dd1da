import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// Clients that send requests to all servers in turn, as a load balancer does: a request whose connection fails goes to
/// the next server, once.
final class Load: Sendable {
    /// What the clients saw.
    struct Seen {
        var requests = 0
        var errors = 0
        var retries = 0
        /// The first errors, for people.
        var messages: [String] = []
        /// Latencies by path, in milliseconds.
        var latencies: [String: [Double]] = [:]
        /// When the last request began that a server answered with the new checkout, by server.
        var lastNew: [String: ContinuousClock.Instant] = [:]
        /// When the last request began that any server answered with the old checkout.
        var lastOld: ContinuousClock.Instant?
    }

    private let http = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: .init(timeout: .init(connect: .seconds(2), read: .seconds(5))))
    private let ports: [Int]
    private let state = Mutex(Seen())
    private let isEnded = Atomic(false)
    private let turn = Atomic(0)

    init(ports: [Int]) { self.ports = ports }

    var seen: Seen { state.withLock { $0 } }

    /// Sends requests with a number of clients until ``end()`` is called.
    func run(clients: Int) async {
        await withTaskGroup { group in
            for client in 0..<clients {
                group.addTask { await self.run(client: client) }
            }
        }
        try? await http.shutdown()
    }

    func end() { isEnded.store(true, ordering: .relaxed) }

    private func run(client: Int) async {
        var number = client
        while !isEnded.load(ordering: .relaxed) {
            number += 1
            await request(number % 2 == 0 ? "/" : "/plain", user: "user-\(number % 1000)")
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    private func request(_ path: String, user: String) async {
        let clock = ContinuousClock()
        let first = turn.wrappingAdd(1, ordering: .relaxed).newValue
        for attempt in 0..<ports.count {
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(ports[(first + attempt) % ports.count])\(path)")
            request.headers.add(name: "X-User-ID", value: user)
            let begin = clock.now
            do {
                let response = try await http.execute(request, deadline: .now() + .seconds(10))
                let body = try await response.body.collect(upTo: 1 << 20)
                let end = clock.now
                note(path, response, String(buffer: body), begin, end)
                return
            } catch {
                let isLast = attempt == ports.count - 1
                state.withLock { seen in
                    seen.retries += 1
                    if isLast { seen.fail("\(path): \(error)") }
                }
            }
        }
    }

    private func note(
        _ path: String, _ response: HTTPClientResponse, _ body: String, _ begin: ContinuousClock.Instant,
        _ end: ContinuousClock.Instant
    ) {
        state.withLock { seen in
            seen.requests += 1
            seen.latencies[path, default: []].append((end - begin) / .milliseconds(1))
            guard response.status.code == 200, let worker = response.headers.first(name: "X-Worker") else {
                return seen.fail("\(path): status \(response.status.code)")
            }
            guard path == "/" else { return }
            if body.contains(#""checkout":"new""#) {
                seen.lastNew[worker] = max(begin, seen.lastNew[worker] ?? begin)
            } else {
                seen.lastOld = max(begin, seen.lastOld ?? begin)
            }
        }
    }
}

extension Load.Seen {
    mutating func fail(_ message: String) {
        errors += 1
        if messages.count < 5 { messages.append(message) }
    }
}
