import ConfigCat
import ConfigCatCache
import ConfigCatEvaluation
import Logging

/// One life of a process: a client from its start to its end.
final class Life: @unchecked Sendable {
    let name: String
    let executor: SimulatedExecutor
    private(set) var client: ConfigCatClient?
    /// Whether the process has crashed. What its tasks do afterwards has no effect on stores or the CDN.
    private(set) var isCrashed = false
    /// Whether the client was closed or shut down.
    private(set) var isClosed = false
    /// The stores behind the client's cache.
    var stores: [SimulatedStore] = []
    /// The number of calls to stores and the CDN that have not ended.
    var calls = 0
    /// The number of running timers.
    private(set) var sleepers = 0
    /// Whether a shutdown has returned after which no call may begin.
    private(set) var hasEnded = false
    /// Whether the process must not make requests.
    private(set) var isOffline = false
    /// When the process was last allowed to make requests.
    private(set) var onlineSince = Int64.min
    /// When the process last continued after a stop; `.max` while it is stopped.
    private var lastStop = Int64.min
    /// When the client was last called from outside.
    private var lastCall = Int64.min
    /// The times of the requests of the last second.
    private var requests: [Int64] = []
    /// The calls of the client that have not returned, by number.
    private(set) var waiting: [Int: Waiting] = [:]
    /// The version of the config that the client last published; 0 if there is none.
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

    /// The simulated operating system of the process's client.
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
        // A timer never fires before the host's clock has reached its time.
        let milliseconds = Int64((Double(duration / .milliseconds(1)) / host.rate).rounded(.up)) + 1
        try await world.wait { promise in world.after(milliseconds) { promise.finish(.success(())) } }
    }

    // MARK: - Client

    /// Creates the client, and starts it after a delay, so that calls may come before the start.
    func run(
        _ options: ConfigCatOptions, cdn: SimulatedCDN, isStrict: Bool, startsAfter delay: Int64, readyWithin: Int64?
    ) throws {
        isOffline = options.offline
        let key = try SDKKey(Fleet.sdkKey, isProxyAllowed: false, isLocalOnly: false)
        let client = try ConfigCatClient(
            sdkKey: key, options: options, transport: SimulatedTransport(cdn: cdn, life: self), host: runtime)
        self.client = client
        let changes = client.configChanges
        // The observer is outside the process, and so is not stopped or delayed with it.
        Task(executorPreference: observer) { [weak self] in
            for await change in changes { self?.saw(change, isStrict: isStrict) }
        }
        world.after(delay) { [weak self] in self?.start(readyWithin) }
    }

    private lazy var observer = SimulatedExecutor(world)

    /// Starts the client, and checks that it is ready after `limit` milliseconds, if there is a limit.
    private func start(_ limit: Int64?) {
        guard !isCrashed else { return }
        world.record("\(name): starts")
        client?.start()
        guard let limit else { return }
        let (start, allowed) = (world.now, Int64((Double(limit) / host.rate).rounded(.up)) + patience)
        world.after(allowed) { [weak self] in
            guard let self, !isCrashed, lastStop < start else { return }
            let late = waiting.values.filter { $0.call == .ready && $0.since < start + allowed - self.patience }
            if !late.isEmpty {
                world.fail("\(name): calls still wait for the client to be ready \(allowed) ms after the start")
            }
        }
    }

    /// The time allowed for anything that is due at once, in milliseconds. The lag of the process delays its tasks.
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

    /// Stops the process for so many milliseconds, as SIGSTOP does.
    func stop(for duration: Int64) {
        (executor.isStopped, lastStop) = (true, .max)
        world.after(duration) { [self] in (executor.isStopped, lastStop) = (false, world.now) }
    }

    /// Checks a call to a store or the CDN that begins now.
    func checkCall(_ name: @autoclosure () -> String) {
        if hasEnded { world.fail("\(self.name): \(name()) begins after shutdown has returned") }
    }

    /// Checks a request that is made now.
    func checkRequest() {
        if isOffline, !Task.isCancelled { world.fail("\(name) makes a request although it is offline") }
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

    /// Calls the client, and keeps track of the call until it returns. The caller is cancelled after `limit`
    /// milliseconds, if there is a limit.
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
            self.world.record("\(self.name): \(what) returns \(result)")
            self.waiting[id] = nil
        }
        guard let limit else { return }
        world.after(limit) { [self] in
            task.cancel()
            let cancelled = world.now
            world.after(patience) { [self] in
                guard waiting[id] != nil, !isCrashed, lastStop < cancelled else { return }
                world.fail("\(name): \(what) was cancelled, but has not returned \(patience) ms later")
            }
        }
    }

    // MARK: - Ending

    func close() {
        isClosed = true
        client?.close()
    }

    /// Shuts the client down, and checks that no timer is left.
    ///
    /// - Parameters:
    ///   - limit: The milliseconds after which the caller is cancelled; nil for never.
    ///   - isChecked: Whether to check also that all calls to stores have ended and no lease is held.
    func shutdown(cancelledAfter limit: Int64?, isChecked: Bool) {
        isClosed = true
        call(nil, cancelledAfter: limit) { client in
            await client.shutdown()
            guard !Task.isCancelled else { return "nothing, cancelled" }
            if isChecked { self.hasEnded = true }
            // Cancelled tasks need a moment to end.
            self.world.after(2000) { self.checkEnd(isChecked: isChecked) }
            return "nothing"
        }
    }

    private func checkEnd(isChecked: Bool) {
        guard !isCrashed, !executor.isStopped else { return }
        if sleepers > 0 { world.fail("\(name): \(sleepers) timers still run after shutdown") }
        guard isChecked else { return }
        if calls > 0 { world.fail("\(name): \(calls) calls still run after shutdown") }
        for store in stores where store.holder === self && !store.hadFaults {
            world.fail("\(name): the lease of \(store.name) is still held after shutdown")
        }
    }

    /// Ends the process without any cleanup.
    func crash() {
        world.record("\(name): crashes")
        isCrashed = true
        waiting = [:]
        executor.isStopped = false
        // This has no effect outside the crashed process; it only lets its tasks end.
        client?.close()
    }

    /// Releases the client and the stores, which refer to this life through clocks and listeners.
    func release() { (client, stores) = (nil, []) }
}
