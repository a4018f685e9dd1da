import ConfigCatCache
import ConfigCatInMemoryCache

/// A store outside the processes: the rules of the in-memory cache, a clock of its own or of a host, and faults.
/// It runs in its world, where there is one thread, and so may call itself `Sendable`.
final class SimulatedStore: @unchecked Sendable {
    /// How calls go wrong for a while.
    struct Fault {
        enum Kind: CaseIterable {
            /// Calls take up to some seconds, before or after the store executes them.
            case slow
            /// Calls fail without being executed.
            case error
            /// Calls are executed, and their answers are lost.
            case lostReply
            /// Calls are executed, and answered only when the fault is over.
            case hang
            /// Writes fail.
            case readOnly
            /// Calls fail with the error of a cancelled task, which they were not.
            case cancellation
        }

        var kind: Kind
        var end: Int64
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let name: String
    /// Milliseconds by which its clock differs from the world's.
    var clockOffset: Int64
    /// Whether writes of an older config than the one stored are violations.
    var isStrict = false
    private let world: World
    private let key: String
    private var memory: InMemoryConfigCache
    private var faults: [Fault] = []
    private var history: [(time: Int64, text: String?)] = []
    private var listeners: [(life: Life, continuation: AsyncStream<Void>.Continuation)] = []

    init(_ name: String, key: String, world: World, clockOffset: Int64) {
        self.name = name
        self.key = key
        self.world = world
        self.clockOffset = clockOffset
        memory = InMemoryConfigCache(now: { 0 })
        replaceMemory(with: nil)
    }

    /// The time by the store's clock.
    var time: Int64 { Fleet.epoch + world.now + clockOffset }
    var text: String? { memory.read(for: key) }
    var version: Int? { text.flatMap(ServedConfig.version) }

    /// Whether calls have ever gone wrong.
    private(set) var hadFaults = false
    /// Whose lease was granted last, and not given back since.
    private(set) var holder: Life?

    /// Notes who holds the lease, from what the store answered.
    func noteLease(_ life: Life, isGranted: Bool) {
        if isGranted { holder = life }
    }

    func noteRelease(_ life: Life) {
        if holder === life { holder = nil }
    }

    /// Returns whether somebody has the lease.
    func isLeased() -> Bool {
        guard case .granted = memory.acquireLease(for: key, token: "check", duration: .milliseconds(1)) else {
            return true
        }
        memory.releaseLease(for: key, token: "check")
        return false
    }

    // MARK: - Faults

    func begin(_ kind: Fault.Kind, for duration: Int64) {
        hadFaults = true
        faults.append(Fault(kind: kind, end: world.now + duration))
    }

    /// Forgets everything, or goes back to what was there at an earlier time.
    func restore(_ time: Int64?) {
        let text = time.flatMap { time in history.last { $0.time <= time }?.text }
        replaceMemory(with: text)
        // What restarts a store ends its connections; those who come back look.
        signal()
    }

    private func replaceMemory(with text: String?) {
        memory = InMemoryConfigCache(now: { [unowned self] in self.time })
        if let text { memory.write(for: key, value: text) }
        holder = nil
        history.append((world.now, text))
    }

    /// Another SDK, which knows of two methods only, writes an entry.
    func writeForeign(_ entry: CacheEntry) { change("another SDK") { $0.write(for: key, value: entry.serialized) } }

    // MARK: - Calls

    func listen(_ life: Life) -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { listeners.append((life, $0)) }
    }

    /// Executes a call of a process, with whatever goes wrong.
    func call<Result: Sendable>(
        _ life: Life, _ name: String, isWrite: Bool = false, _ body: @escaping (InMemoryConfigCache) -> Result
    ) async throws -> Result {
        if life.isCrashed { throw CancellationError() }
        life.checkCall("\(self.name): \(name)")
        life.calls += 1
        let asked = world.now
        defer {
            life.calls -= 1
            world.downloads.addAnswer(after: world.now - asked)
        }
        return try await world.wait { promise in start(promise, life, name, isWrite, body) }
    }

    private func start<Result: Sendable>(
        _ promise: Promise<Result>, _ life: Life, _ name: String, _ isWrite: Bool,
        _ body: @escaping (InMemoryConfigCache) -> Result
    ) {
        faults.removeAll { $0.end <= world.now }
        let fault = world.random.next() % 4 == 0 ? nil : faults.randomElement(using: &world.random)
        let (kind, end) = (fault?.kind, fault?.end ?? 0)
        var (before, after) = (Int64(world.random.next() % 2), Int64(world.random.next() % 2))
        if kind == .slow {
            before = .random(in: 0...4000, using: &world.random)
            after = .random(in: 0...4000, using: &world.random)
        }
        // A command that was sent is executed, whatever becomes of its sender; half of them had not been sent.
        let isSentAtOnce = world.random.next() % 2 == 0
        world.after(before) { [self] in
            if promise.isFinished || life.isCrashed, !isSentAtOnce { return }
            switch kind {
            case .error: return fail(promise, Failure(description: "the store refuses"), after)
            case .cancellation: return fail(promise, CancellationError(), after)
            case .readOnly where isWrite: return fail(promise, Failure(description: "the store is read-only"), after)
            case nil, .slow, .lostReply, .hang, .readOnly: break
            }
            let result = change("\(life.name) \(name)", body)
            switch kind {
            case .lostReply: fail(promise, Failure(description: "the connection was lost"), after)
            case .hang: world.after(end - world.now + after) { promise.finish(.success(result)) }
            default: world.after(after) { promise.finish(.success(result)) }
            }
        }
    }

    private func fail<Result>(_ promise: Promise<Result>, _ error: any Error, _ delay: Int64) {
        world.after(delay) { promise.finish(.failure(error)) }
    }

    /// Executes what may change the entry, and tells those who listen.
    @discardableResult
    private func change<Result>(_ who: @autoclosure () -> String, _ body: (InMemoryConfigCache) -> Result) -> Result {
        let old = text
        let result = body(memory)
        let new = text
        world.record("\(name): \(who()): \(result) \(new == old ? "" : Self.describe(new))")
        guard new != old else { return result }
        history.append((world.now, new))
        if isStrict, let before = old.flatMap(ServedConfig.version), let after = new.flatMap(ServedConfig.version),
            world.downloads.isOlder(after, than: before)
        {
            world.fail("\(name): \(who()) replaced config \(before) by the older \(after)")
        }
        signal()
        return result
    }

    private static func describe(_ text: String?) -> String {
        guard let text else { return "now empty" }
        return "now config \(ServedConfig.version(of: text) ?? -1) of \(text.prefix { $0 != "\n" })"
    }

    private func signal() {
        listeners.removeAll { $0.life.isCrashed }
        for listener in listeners {
            world.after(Int64(world.random.next() % 3)) { listener.continuation.yield() }
        }
    }
}
