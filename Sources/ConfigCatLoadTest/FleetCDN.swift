package import ConfigCatCommandLine
package import NIOHTTP1
import Synchronization

/// The CDN of a fleet: it counts, changes its config on command, and fails on command.
package final class FleetCDN: CDNDocument {
    package enum Behaviour: Sendable { case normal, failing, hanging }

    package struct Request: Sendable {
        var time: Double
        var worker: Int
        var status: Int
    }

    private struct State {
        var content: CDNContent
        var behaviour = Behaviour.normal
        var requests: [Request] = []
        /// Workers whose requests got no answer.
        var unanswered: [Int] = []
    }

    private let state: Mutex<State>

    package init(version: Int, size: Int) { state = Mutex(State(content: Self.content(version, size: size))) }

    /// The setting that tells versions apart.
    package static let key = "fleetVersion"

    package var requests: [Request] { state.withLock(\.requests) }
    package var unanswered: [Int] { state.withLock(\.unanswered) }

    package func serve(version: Int, size: Int) {
        let content = Self.content(version, size: size)
        state.withLock { $0.content = content }
    }

    package func setBehaviour(_ behaviour: Behaviour) { state.withLock { $0.behaviour = behaviour } }

    package func content(for path: String) -> CDNContent? {
        state.withLock { state in
            switch state.behaviour {
            case .normal: return state.content
            case .failing: return CDNContent(body: [], eTag: "", isUnavailable: true)
            case .hanging:
                state.unanswered.append(Self.worker(path))
                return nil
            }
        }
    }

    package func answered(_ request: HTTPRequestHead, path: String, status: Int) {
        let made = Request(time: FleetClock.now, worker: Self.worker(path), status: status)
        state.withLock { $0.requests.append(made) }
    }

    /// Each worker has a base URL of its own, `/w7`.
    private static func worker(_ path: String) -> Int {
        path.dropFirst(2).prefix { $0 != "/" }.reduce(0) { $0 &* 10 &+ ($1.wholeNumberValue ?? 0) }
    }

    /// A config of about a size, with many settings that look like real ones.
    private static func content(_ version: Int, size: Int) -> CDNContent {
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
        let json = #"{"p":{"s":"c2FsdA=="},"f":{"# + settings.joined(separator: ",") + "}}"
        return CDNContent(body: Array(json.utf8), eTag: "\"fleet-\(version)\"")
    }
}
