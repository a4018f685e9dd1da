import ConfigCat
import ConfigCatCache
import ConfigCatEvaluation
import Logging

/// One life of a process: a client from its start to its end.
final class Life: @unchecked Sendable {
    let name: String
    let executor: SimulatedExecutor
    private(set) var client: ConfigCatClient?
    /// Set when the process crashes. Nothing that its tasks do afterwards reaches anything.
    private(set) var isCrashed = false
    /// Whether it is closed or shut down.
    private(set) var isClosed = false
    /// What its client uses as a cache.
    var stores: [SimulatedStore] = []
    /// Calls of stores and the CDN that have not ended.
    var calls = 0
    /// Timers that run.
    private(set) var sleepers = 0
    /// Whether a shutdown has returned that waited for everything.
    private(set) var hasEnded = false
    /// Whether the process is to make no requests.
    private(set) var isOffline = false
    /// When it was last allowed requests.
    private(set) var onlineSince = Int64.min
    /// When the process was last stopped, or could go on.
    private var lastStop = Int64.min
    /// When the client was last called from outside.
    private var lastCall = Int64.min
    /// When the last requests were made.
    private var requests: [Int64] = []
    /// What callers of the client still wait for, by number.
    private(set) var waiting: [Int: Waiting] = [:]
    /// The config that evaluations use; 0 if there is none.
    private(set) var version = 0
    private var nextCall = 0

    /// A caller that waits.
    struct Waiting {
        /// Nil for a shutdown.
        var call: Scenario.Call?
        var since: Int64

        var name: String { call?.rawValue ?? "shutdown" }
    }

    private let world: World
    private let host: SimulatedHost
    private let lag: Int64

    init(_ name: String, host: SimulatedHost, world: World, lag: Int64) {
        self.name = name
        self.lag = lag
        self.host = host
        self.world = world
        executor = SimulatedExecutor(world, lag: lag)
    }

    /// What the process's client takes for the operating system.
    var runtime: HostRuntime {
        HostRuntime(
            wall: { self.host.wall }, now: { self.host.monotonic }, sleep: { try await self.sleep($0) },
            random: { self.world.random.next() }, executor: executor, blockingExecutor: executor,
            waitUntilFilesAreClosed: {})
    }

    private func sleep(_ duration: Duration) async throws {
        if isCrashed { throw CancellationError() }
        sleepers += 1
        defer { sleepers -= 1 }
        // A timer ends when the host's clock has reached its time, not before.
        let milliseconds = Int64((Double(duration / .milliseconds(1)) / host.rate).rounded(.up)) + 1
        try await world.wait { promise in world.after(milliseconds) { promise.finish(.success(())) } }
    }

    // MARK: - The client

    /// Creates the client, and starts it a moment later: others may use it in between.
    func run(
        _ options: ConfigCatOptions, cdn: SimulatedCDN, isStrict: Bool, startsAfter delay: Int64, readyWithin: Int64?
    ) throws {
        isOffline = options.offline
        let key = try SDKKey(Fleet.sdkKey, isProxyAllowed: false, isLocalOnly: false)
        let client = try ConfigCatClient(
            sdkKey: key, options: options, transport: SimulatedTransport(cdn: cdn, life: self), host: runtime)
        self.client = client
        let changes = client.configChanges
        // Followed by an observer outside the process.
        Task(executorPreference: observer) { [weak self] in
            for await change in changes { self?.saw(change, isStrict: isStrict) }
        }
        world.after(delay) { [weak self] in self?.start(readyWithin) }
    }

    private lazy var observer = SimulatedExecutor(world)

    /// - Parameter limit: For how many milliseconds evaluations may wait for the first config; nil if it does not matter.
    private func start(_ limit: Int64?) {
        guard !isCrashed else { return }
        world.record("\(name): starts")
        client?.start()
        guard let limit else { return }
        let (start, allowed) = (world.now, Int64((Double(limit) / host.rate).rounded(.up)) + patience)
        world.after(allowed) { [weak self] in
            guard let self, !isCrashed, lastStop < start else { return }
            let late = waiting.values.filter { $0.call == .ready && $0.since < start + allowed - self.patience }
            if !late.isEmpty { world.fail("\(name): nobody is ready \(allowed) ms after the start") }
        }
    }

    /// How long anything may take that is due at once, in milliseconds: tasks come late by the lag of their process.
    private var patience: Int64 { 200 + 40 * lag }

    func setOffline() {
        noteCall()
        isOffline = true
        client?.setOffline()
    }

    func setOnline() {
        noteCall()
        (isOffline, onlineSince) = (false, world.now)
        client?.setOnline()
    }

    func stop(for duration: Int64) {
        (executor.isStopped, lastStop) = (true, .max)
        world.after(duration) { [self] in (executor.isStopped, lastStop) = (false, world.now) }
    }

    /// Checks a call of a store or of the CDN that begins now.
    func checkCall(_ name: @autoclosure () -> String) {
        if hasEnded { world.fail("\(self.name): \(name()) begins after shutdown has returned") }
    }

    /// Checks a request that is made now.
    func checkRequest() {
        if isOffline, !Task.isCancelled { world.fail("\(name) makes a request and is offline") }
        requests = requests.filter { $0 > world.now - 1000 } + [world.now]
        if requests.count > 6, lastCall < world.now - 2000, lastStop < world.now - 2000 {
            world.fail("\(name) has made \(requests.count) requests within a second")
        }
    }

    private func noteCall() { lastCall = world.now }

    private func saw(_ change: ConfigChange, isStrict: Bool) {
        let new = change.snapshot.getValue(for: "v", defaultValue: 0)
        world.record("\(name): has config \(new) from the \(change.source)")
        if isStrict, !isCrashed, world.downloads.isOlder(new, than: version) {
            world.fail("\(name) went back from config \(version) to \(new)")
        }
        version = new
    }

    /// Calls the client, and notes that somebody waits for it.
    ///
    /// - Parameter limit: After how many milliseconds the caller is cancelled; nil if never.
    func call(
        _ call: Scenario.Call?, cancelledAfter limit: Int64?, _ body: @escaping (ConfigCatClient) async -> String
    ) {
        guard let client, !isCrashed else { return }
        noteCall()
        nextCall += 1
        let id = nextCall
        let caller = Waiting(call: call, since: world.now)
        let what = caller.name
        waiting[id] = caller
        world.record("\(name): \(what)\(limit.map { ", cancelled after \($0) ms" } ?? "")")
        nonisolated(unsafe) let body = body
        let task = Task(executorPreference: executor) {
            let result = await body(client)
            self.world.record("\(self.name): \(what) gives \(result)")
            self.waiting[id] = nil
        }
        guard let limit else { return }
        world.after(limit) { [self] in
            task.cancel()
            let cancelled = world.now
            world.after(patience) { [self] in
                guard waiting[id] != nil, !isCrashed, lastStop < cancelled else { return }
                world.fail("\(name): \(what) was cancelled, and has not ended \(patience) ms later")
            }
        }
    }

    // MARK: - The end

    func close() {
        isClosed = true
        client?.close()
    }

    /// - Parameter isChecked: Whether all calls of the store have to have ended.
    func shutdown(cancelledAfter limit: Int64?, isChecked: Bool) {
        isClosed = true
        call(nil, cancelledAfter: limit) { client in
            await client.shutdown()
            guard !Task.isCancelled else { return "nothing, cancelled" }
            if isChecked { self.hasEnded = true }
            // Cancelled tasks take a moment to notice it.
            self.world.after(2000) { self.checkEnd(isChecked: isChecked) }
            return "nothing"
        }
    }

    private func checkEnd(isChecked: Bool) {
        guard !isCrashed, !executor.isStopped else { return }
        if sleepers > 0 { world.fail("\(name): \(sleepers) timers run after shutdown") }
        guard isChecked else { return }
        if calls > 0 { world.fail("\(name): \(calls) calls run after shutdown") }
        for store in stores where store.holder === self && !store.hadFaults {
            world.fail("\(name): the lease of \(store.name) is kept after shutdown")
        }
    }

    /// Ends the process without anything that could be done at the end.
    func crash() {
        world.record("\(name): crashes")
        isCrashed = true
        waiting = [:]
        executor.isStopped = false
        // What the dead process does from here on reaches nobody; its tasks are to end.
        client?.close()
    }

    /// Lets go of the client and the stores, which hold this life through clocks and listeners.
    func release() { (client, stores) = (nil, []) }
}
