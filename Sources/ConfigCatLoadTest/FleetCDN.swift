package import ConfigCatServing
package import Hummingbird
import Synchronization

/// The CDN of a fleet: it records requests, and can be told to change its config or to fail.
package final class FleetCDN: HTTPResponder {
    /// Whether requests get a config, status 503, or no response.
    package enum Behaviour: Sendable { case normal, failing, hanging }

    /// A request that got a response.
    package struct Request: Sendable {
        var time: Double
        var worker: Int
        var status: Int
    }

    private struct State {
        var layout: ServedDocument.Layout
        var behaviour = Behaviour.normal
        var requests: [Request] = []
        /// The numbers of the workers whose requests got no response.
        var unanswered: [Int] = []
    }

    private let state: Mutex<State>

    package init(version: Int, size: Int) {
        state = Mutex(State(layout: ServedDocument.Layout(Self.json(version, size: size))))
    }

    /// The key of the setting whose value is the config's version.
    package static let key = "fleetVersion"

    package var requests: [Request] { state.withLock(\.requests) }
    package var unanswered: [Int] { state.withLock(\.unanswered) }

    /// Changes the config.
    package func serve(version: Int, size: Int) {
        let layout = ServedDocument.Layout(Self.json(version, size: size))
        state.withLock { $0.layout = layout }
    }

    package func setBehaviour(_ behaviour: Behaviour) { state.withLock { $0.behaviour = behaviour } }

    package func respond(to request: Hummingbird.Request, context: ServingContext) async throws -> Response {
        let worker = Self.worker(request.uri.path)
        let (layout, behaviour) = state.withLock { ($0.layout, $0.behaviour) }
        let response: Response
        switch behaviour {
        case .normal: response = layout.response(to: request)
        case .failing: response = Response(status: .serviceUnavailable)
        case .hanging:
            state.withLock { $0.unanswered.append(worker) }
            // Until the server is stopped.
            try await Task.sleep(for: .seconds(86_400))
            throw CancellationError()
        }
        let made = Request(time: FleetClock.now, worker: worker, status: response.status.code)
        state.withLock { $0.requests.append(made) }
        return response
    }

    /// Returns the number of the worker from a request's path: each worker has its own base URL, such as `/w7`.
    private static func worker(_ path: String) -> Int {
        path.dropFirst(2).prefix { $0 != "/" }.reduce(0) { $0 &* 10 &+ ($1.wholeNumberValue ?? 0) }
    }

    /// Returns a config of about the given size in bytes, with many realistic settings.
    private static func json(_ version: Int, size: Int) -> String {
        var settings = [#""\#(key)":{"t":2,"v":{"i":\#(version)},"i":"v\#(version)"}"#]
        var length = 0
        while length < size {
            let number = settings.count
            let setting = """
                "setting\(number)":{"t":1,"r":[{"c":[{"u":{"a":"Email","c":2,"l":["@example-\(number).com",\
                "@staff-\(number &* 7919).example.org"]}}],"s":{"v":{"s":"special-\(number)"},"i":"id-\(number)-a"}}],\
                "p":[{"p":30,"v":{"s":"a"},"i":"id-\(number)-b"},{"p":70,"v":{"s":"b"},"i":"id-\(number)-c"}],\
                "v":{"s":"fallback-\(number)"},"i":"id-\(number)-d"}
                """
            settings.append(setting)
            length += setting.utf8.count
        }
        return #"{"p":{"s":"c2FsdA=="},"f":{"# + settings.joined(separator: ",") + "}}"
    }
}
