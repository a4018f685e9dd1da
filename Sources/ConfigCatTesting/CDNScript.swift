import NIOCore
import NIOHTTP1
import Synchronization

/// What a scripted CDN and its connections share: the responses, the requests, and the open connections.
final class CDNScript: Sendable {
    private struct State {
        var responses: ArraySlice<ScriptedCDN.Response>
        var requests: [ScriptedCDN.Request] = []
        var isOutage = false
        var isClosed = false
        var channels: [ObjectIdentifier: any Channel] = [:]
        var waiters: [Int: (count: Int, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var nextWaiter = 0
    }

    static let requestLimit = 100_000

    private let state: Mutex<State>

    init(_ responses: [ScriptedCDN.Response]) { state = Mutex(State(responses: responses[...])) }

    var requests: [ScriptedCDN.Request] { state.withLock { $0.requests } }

    func set(_ responses: [ScriptedCDN.Response]) { state.withLock { $0.responses = responses[...] } }

    /// Records a request, and returns its response.
    func response(to head: HTTPRequestHead) -> ScriptedCDN.Response {
        let (response, ready) = state.withLock { state in
            if state.requests.count < Self.requestLimit {
                state.requests.append(
                    ScriptedCDN.Request(method: head.method.rawValue, path: head.uri, headers: head.headers))
            }
            let ready = state.waiters.filter { $0.value.count <= state.requests.count }
            for id in ready.keys { state.waiters[id] = nil }
            if state.isOutage { return (ScriptedCDN.Response.drop, ready) }
            let response = state.responses.first ?? .response(status: 404)
            if state.responses.count > 1 { state.responses.removeFirst() }
            return (response, ready)
        }
        for waiter in ready.values { waiter.continuation.resume() }
        return response
    }

    // MARK: - Connections

    /// Adds a connection, which is closed at once in an outage.
    func add(_ channel: any Channel) {
        let isRefused = state.withLock { state in
            if state.isOutage || state.isClosed { return true }
            state.channels[ObjectIdentifier(channel)] = channel
            return false
        }
        if isRefused { return channel.close(promise: nil) }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { $0.channels[ObjectIdentifier(channel)] = nil }
        }
    }

    func setOutage(_ isOutage: Bool) {
        let channels = state.withLock { state in
            state.isOutage = isOutage
            return isOutage ? Array(state.channels.values) : []
        }
        for channel in channels { channel.close(promise: nil) }
    }

    /// Closes all connections, and ends the waits for requests.
    func close() {
        let (channels, waiters) = state.withLock { state in
            defer { (state.channels, state.waiters, state.isClosed) = ([:], [:], true) }
            return (Array(state.channels.values), Array(state.waiters.values))
        }
        for channel in channels { channel.close(promise: nil) }
        for waiter in waiters { waiter.continuation.resume(throwing: CancellationError()) }
    }

    // MARK: - Waiting

    func waitForRequests(_ count: Int) async throws {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // A task that was cancelled before has no other chance to end the wait.
                let result: Result<Void, any Error>? = state.withLock { state in
                    if state.requests.count >= count { return .success(()) }
                    if state.isClosed || Task.isCancelled { return .failure(CancellationError()) }
                    state.waiters[id] = (count, continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }
}
