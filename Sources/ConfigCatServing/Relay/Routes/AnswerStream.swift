import NIOCore

/// The events of a stream: the answer at the beginning, and again whenever it is another one.
struct AnswerStream: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = Never

    let id: String
    let configs: ServedConfigs
    let answer: EvaluationAnswer
    /// Subscribed before the first answer is computed, so that no change is missed.
    private let events: AsyncStream<ServingEvent>

    init(id: String, configs: ServedConfigs, answer: EvaluationAnswer) {
        self.id = id
        self.configs = configs
        self.answer = answer
        events = configs.events.subscribe { event in
            switch event {
            case .config(let changed, _, _, _): changed == id
            case .heartbeat: true
            case .overrides, .clients, .problem: false
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self, events: events.makeAsyncIterator()) }

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let stream: AnswerStream
        fileprivate var events: AsyncStream<ServingEvent>.Iterator
        private var isFirst = true
        /// The version that was evaluated last.
        private var document: ServedDocument?
        /// The hash of the last answer, which may be long.
        private var hash: Int?

        fileprivate init(stream: AnswerStream, events: AsyncStream<ServingEvent>.Iterator) {
            self.stream = stream
            self.events = events
        }

        mutating func next() async -> ByteBuffer? { await next(isolation: nil) }

        mutating func next(isolation actor: isolated (any Actor)?) async -> ByteBuffer? {
            if isFirst {
                isFirst = false
                if let change = change() { return change }
            }
            while let event = await events.next(isolation: actor) {
                // A config that is no longer served.
                guard stream.configs[stream.id] != nil else { return nil }
                // Also after a heartbeat, in case that a slow reader has missed an event.
                if let change = change() { return change }
                if event == .heartbeat { return ServerSentEvents.heartbeat }
            }
            return nil
        }

        /// Returns the event with the answer; nil if it is the last one again. A setting that was removed, or cannot be
        /// evaluated, has no answer.
        private mutating func change() -> ByteBuffer? {
            guard let document = stream.configs[stream.id]?.document, document !== self.document else { return nil }
            self.document = document
            guard let json = try? stream.answer.json(document) else { return nil }
            var hasher = Hasher()
            var text = json
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
            let hash = hasher.finalize()
            guard hash != self.hash else { return nil }
            self.hash = hash
            return ServerSentEvents.event(data: json)
        }
    }
}
