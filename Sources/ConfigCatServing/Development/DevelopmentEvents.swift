import NIOCore

/// The events of all configs, as server-sent events. The first one, `hello`, describes all configs.
struct DevelopmentEvents: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = Never

    private let configs: ServedConfigs
    private let events: AsyncStream<ServingEvent>

    /// Subscribes to the events. Those from now on follow the description, so that nothing is missed.
    init(configs: ServedConfigs) {
        self.configs = configs
        events = configs.events.subscribe()
    }

    func makeAsyncIterator() -> Iterator { Iterator(configs: configs, events: events.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        private let configs: ServedConfigs
        private var events: AsyncStream<ServingEvent>.Iterator
        private var hasBegun = false

        fileprivate init(configs: ServedConfigs, events: AsyncStream<ServingEvent>.Iterator) {
            self.configs = configs
            self.events = events
        }

        mutating func next(isolation actor: isolated (any Actor)?) async -> ByteBuffer? {
            guard hasBegun else {
                hasBegun = true
                return ServerSentEvents.event("hello", data: JSONValue.configs(configs).json)
            }
            return await events.next(isolation: actor).map(Self.text)
        }

        mutating func next() async -> ByteBuffer? { await next(isolation: nil) }

        private static func text(_ event: ServingEvent) -> ByteBuffer {
            switch event {
            case .config(let id, let eTag, let version, let changedKeys):
                let data: JSONValue = [
                    "id": .string(id), "etag": .string(eTag), "version": JSONValue(version),
                    "changed": .array(changedKeys.map { .string($0) }),
                ]
                return ServerSentEvents.event("config", data: data.json)
            case .overrides(let id): return ServerSentEvents.event("overrides", data: Self.data(id))
            case .clients(let id): return ServerSentEvents.event("clients", data: Self.data(id))
            case .problem(let id, let problem):
                let data: JSONValue = ["id": .string(id), "problem": JSONValue(problem)]
                return ServerSentEvents.event("problem", data: data.json)
            case .heartbeat: return ServerSentEvents.heartbeat
            }
        }

        private static func data(_ id: String) -> String { JSONValue(dictionaryLiteral: ("id", .string(id))).json }
    }
}
