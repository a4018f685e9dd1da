import ConfigCat
import ConfigCatEvaluation

/// The body of `/status`: `{"status", "configs": […]}`. It contains no SDK key and no password, as ``ClientHealth``.
struct HealthJSON: Sendable {
    /// How well a config is kept fresh, with the words of ConfigCat's Proxy, from the best to the worst.
    enum Status: String, Sendable, Comparable {
        /// The config is kept fresh.
        case healthy
        /// There is no config yet, and nothing has failed.
        case initializing
        /// There is a config, but it is not kept fresh, or the cache does not work.
        case degraded
        /// There is no config.
        case down

        private var rank: Int {
            switch self {
            case .healthy: 0
            case .initializing: 1
            case .degraded: 2
            case .down: 3
            }
        }

        static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }

    /// The state of one config.
    struct Entry: Sendable {
        /// What identifies the config in paths.
        var id: String
        /// `file` or `sdk`.
        var source: String
        /// The ETag of the served document; nil while there is none.
        var eTag: String?
        /// The number of documents that were served; 0 while there is none.
        var version: Int
        /// Why the config is not as it should be, such as a file that is invalid now; nil if nothing is wrong.
        var problem: String?
        /// The health of the client; nil for a file.
        var health: ClientHealth?

        /// The state in one word.
        var status: Status {
            let hasFailed = problem != nil || (health.map { $0.consecutiveFailures > 0 || $0.isClosed } ?? false)
            guard version > 0 else { return hasFailed ? .down : .initializing }
            return hasFailed || health?.cache?.isWorking == false ? .degraded : .healthy
        }
    }

    /// The state of the configs.
    var entries: [Entry]

    /// The state of the worst config; `initializing` if there are no configs.
    var status: Status { entries.map(\.status).max() ?? .initializing }

    /// Whether every config has a document, so that requests can be answered.
    var isReady: Bool { !entries.isEmpty && entries.allSatisfy { $0.version > 0 } }

    /// The body.
    var json: String {
        let members = ["\"status\":\"\(status.rawValue)\""]
        return Self.object(members + ["\"configs\":[" + entries.map(Self.json).joined(separator: ",") + "]"])
    }

    private static func json(_ entry: Entry) -> String {
        var members = [
            member("id", entry.id), member("source", entry.source), member("status", entry.status.rawValue),
            member("etag", entry.eTag), "\"version\":\(entry.version)", member("problem", entry.problem),
        ]
        if let health = entry.health {
            members += [
                "\"isReady\":\(health.isReady)", "\"isOffline\":\(health.isOffline)", "\"isClosed\":\(health.isClosed)",
                "\"configAgeSeconds\":\(health.configAge.map(seconds) ?? "null")",
                "\"lastSync\":\(health.lastSync.map(json) ?? "null")",
                "\"consecutiveFailures\":\(health.consecutiveFailures)",
                "\"lastFailure\":\(health.lastFailure.map(json) ?? "null")",
                "\"cache\":\(health.cache.map(json) ?? "null")",
            ]
        }
        return object(members)
    }

    private static func json(_ sync: ClientHealth.Sync) -> String {
        object([member("source", sync.source.rawValue), "\"ageSeconds\":\(seconds(sync.age))"])
    }

    private static func json(_ failure: ClientHealth.Failure) -> String {
        object([
            "\"code\":\(failure.code.rawValue)", member("message", failure.message),
            "\"ageSeconds\":\(seconds(failure.age))",
        ])
    }

    private static func json(_ cache: CacheHealth) -> String {
        object([
            "\"isWorking\":\(cache.isWorking)", member("readError", cache.readError),
            member("writeError", cache.writeError), member("subscription", cache.subscription.rawValue),
        ])
    }

    private static func object(_ members: [String]) -> String { "{" + members.joined(separator: ",") + "}" }

    private static func member(_ name: String, _ value: String?) -> String {
        "\"\(name)\":" + (value.map { JSONEscapes.quoted($0) } ?? "null")
    }

    /// Returns a duration in seconds, to the millisecond.
    private static func seconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return String(Double(seconds) + Double(attoseconds / 1_000_000_000_000_000) / 1000)
    }
}
