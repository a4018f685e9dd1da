import ConfigCatCache
import ConfigCatInMemoryCache

/// A store outside the processes, with the rules of the in-memory cache, a clock and faults.
///
/// It is `Sendable` without a lock because it is used only in its world, which has one thread.
final class SimulatedStore: @unchecked Sendable {
    /// A way in which calls fail for a while.
    struct Fault {
        enum Kind: CaseIterable {
            /// Calls are delayed by up to four seconds before, and again after, the store executes them.
            case slow
            /// Calls fail without being executed.
            case error
            /// Calls are executed, but their replies are lost.
            case lostReply
            /// Calls are executed, but return only when the fault is over.
            case hang
            /// Writes fail.
            case readOnly
            /// Calls fail with `CancellationError` although they were not cancelled.
            case cancellation
        }

        var kind: Kind
        var end: Int64
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let name: String
    /// The milliseconds by which its clock is ahead of the world's.
    var clockOffset: Int64
    /// Whether replacing a config by an older one is a violation.
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

    /// Whether the store has ever had a fault.
    private(set) var hadFaults = false
    /// The process whose lease was granted last, if it has not released it.
    private(set) var holder: Life?

    /// Notes the store's response to a request for the lease.
    func noteLease(_ life: Life, isGranted: Bool) {
        if isGranted { holder = life }
    }

    func noteRelease(_ life: Life) {
        if holder === life { holder = nil }
    }

    /// Returns whether a process has the lease.
    func isLeased() -> Bool {
        guard case .granted = memory.acquireLease(for: key, token: "check", duration: .milliseconds(1)) else {
            return true
        }
        memory.releaseLease(for: key, token: "check")
        return false
    }

    // MARK: - Faults

    /// Starts a fault, which lasts for so many milliseconds.
    func begin(_ kind: Fault.Kind, for duration: Int64) {
        hadFaults = true
        faults.append(Fault(kind: kind, end: world.now + duration))
    }

    /// Restores the content of an earlier time, or deletes everything.
    ///
    /// - Parameter time: The time in milliseconds; nil to delete everything.
    func restore(_ time: Int64?) {
        let text = time.flatMap { time in history.last { $0.time <= time }?.text }
        replaceMemory(with: text)
        // A restart closes all connections, and clients that reconnect check for a change.
        signal()
    }

    private func replaceMemory(with text: String?) {
        memory = InMemoryConfigCache(now: { [unowned self] in self.time })
        if let text { memory.write(for: key, value: text) }
        holder = nil
        history.append((world.now, text))
    }

    /// Writes an entry as another SDK does, without ordered writes.
    func writeForeign(_ entry: CacheEntry) { change("another SDK") { $0.write(for: key, value: entry.serialized) } }

    // MARK: - Calls

    /// Returns a stream of change signals for a process.
    func listen(_ life: Life) -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { listeners.append((life, $0)) }
    }

    /// Executes a call of a process, under the faults of the moment.
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
        // A command that was sent is executed even if its sender ends. Half of the commands are not sent at once.
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

    /// Executes an operation that may change the entry. If it does, checks the order and signals the change.
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
