import ConfigCat
import ConfigCatCache
import Logging

/// A fleet of processes in a simulated world, and the invariants that are checked.
final class Fleet {
    /// The world's time of day at the beginning, in Unix milliseconds.
    static let epoch: Int64 = 1_700_000_000_000
    static let sdkKey = "configcat-sdk-1/SIMULATION-01234567890/1234567890123456789012"
    private static let key = CacheKey.key(forSDKKey: sdkKey)

    let world: World
    private let scenario: Scenario
    private let cdn: SimulatedCDN
    private let hosts: [SimulatedHost]
    private var server: SimulatedStore?
    private var local: [SimulatedStore] = []
    private var lives: [Life?]
    private var generation = 0
    private var ended: [Life] = []

    init(_ scenario: Scenario, isRecorded: Bool) {
        self.scenario = scenario
        let world = World(seed: scenario.worldSeed, isRecorded: isRecorded)
        self.world = world
        cdn = SimulatedCDN(world)
        hosts = scenario.hosts.map {
            SimulatedHost(world, wallOffset: $0.wallOffset, rate: $0.rate, base: $0.base)
        }
        lives = scenario.processes.map { _ in nil }
        if [.server, .layered, .plain, .headers].contains(scenario.store) {
            server = SimulatedStore("server", key: Self.key, world: world, clockOffset: scenario.storeOffset)
        }
        if [.local, .layered].contains(scenario.store) {
            local = hosts.enumerated().map { index, host in
                SimulatedStore("store \(index)", key: Self.key, world: world, clockOffset: host.wallOffset)
            }
        }
        for store in stores { store.isStrict = scenario.isStrict }
    }

    private var stores: [SimulatedStore] { local + (server.map { [$0] } ?? []) }

    // MARK: - Running

    /// Runs the scenario, and then checks the invariants.
    func run() {
        for index in scenario.processes.indices {
            world.after(scenario.processes[index].start) { self.begin(index) }
        }
        for timed in scenario.events { world.after(timed.time) { self.perform(timed.event) } }
        world.run(until: scenario.quiet)
        guard world.violation == nil else { return }
        world.record("All faults are over.")
        cdn.version += 1
        for index in lives.indices {
            begin(index)
            if !scenario.processes[index].isOffline { lives[index]?.setOnline() }
        }
        world.run(until: scenario.quiet + scenario.settling)
        if scenario.processes.contains(where: { $0.mode != .auto }) {
            // At the first call, clients may read an entry dated in the future, which stays fresh for one interval.
            // A layer that was too slow to take the download of the second is repaired by a later one.
            for call in 0..<6 where call < 2 || scenario.store == .layered && !storesBehind.isEmpty {
                askLast()
                // A client waits for another process's download for at most two lease durations.
                world.run(until: world.now + 12_000 + scenario.longestInterval)
            }
            // Offline processes read at their next poll what the others have written.
            if scenario.processes.contains(where: \.isOffline) { world.run(until: world.now + scenario.settling) }
        }
        checkConfigs()
        checkWaits()
        checkDownloads()
        endAll()
    }

    /// Calls the clients in lazy and manual polling mode, which act only on calls.
    private func askLast() {
        for (life, process) in zip(lives, scenario.processes) {
            switch process.mode {
            case .auto: break
            case .lazy: call(life, .value, nil)
            case .manual: call(life, .refresh, nil)
            }
        }
    }

    private func endAll() {
        guard world.violation == nil else { return }
        for life in lives { shutdown(life, nil) }
        // A lease that was not released would expire a little later than this.
        world.run(until: world.now + 2500)
        for store in stores where store.isLeased() {
            world.fail("\(store.name): the lease is still held after all processes have ended")
        }
        world.run(until: world.now + 17_500)
        checkWaits()
    }

    /// Ends all tasks, and breaks the reference cycles between clients, stores and lives.
    func end() {
        for life in lives { life?.client?.close() }
        world.end()
        for life in lives.compactMap(\.self) + ended { life.release() }
    }

    // MARK: - Events

    /// Begins a life of a process, unless it has one.
    private func begin(_ index: Int) {
        if let life = lives[index] {
            guard life.isClosed || life.isCrashed else { return }
            ended.append(life)
        }
        let process = scenario.processes[index]
        generation += 1
        let life = Life("process \(index)#\(generation)", host: hosts[process.host], world: world, lag: process.lag)
        lives[index] = life
        var options = ConfigCatOptions()
        options.pollingMode =
            switch process.mode {
            case .auto:
                PollingModes.autoPoll(
                    autoPollIntervalInSeconds: process.interval, maxInitWaitTimeInSeconds: process.maxInitWait)
            case .lazy: PollingModes.lazyLoad(cacheRefreshIntervalInSeconds: process.interval)
            case .manual: PollingModes.manualPoll()
            }
        options.pollingJitter = process.jitter
        options.offline = process.isOffline
        options.configCache = cache(of: life, on: process.host)
        // Clients log in every run, recorded or not, because repeated events start a timer, which affects the run.
        options.logger = Logger(label: "configcat") { [world] _ in RecordingHandler(life: life.name, world: world) }
        options.logLevel = .warning
        do {
            try life.run(
                options, cdn: cdn, isStrict: scenario.isStrict, startsAfter: process.startDelay,
                readyWithin: process.mode == .auto ? Int64(process.maxInitWait) * 1000 : nil)
        } catch {
            world.fail("\(life.name): \(error)")
        }
    }

    private func cache(of life: Life, on host: Int) -> (any ConfigCache)? {
        life.stores = (local.isEmpty ? [] : [local[host]]) + (server.map { [$0] } ?? [])
        let near = local.isEmpty ? nil : FleetConnection(store: local[host], life: life)
        let far = server.map { FleetConnection(store: $0, life: life) }
        switch scenario.store {
        case .none: return nil
        case .server: return far
        case .local: return near
        case .layered:
            guard let near, let far else { return nil }
            return LayeredConfigCache([near, far], host: life.runtime)
        case .plain: return far.map { PlainConnection(fleet: $0) }
        case .headers: return far.map { HeaderConnection(fleet: $0) }
        }
    }

    private func perform(_ event: Scenario.Event) {
        world.record("** \(event)")
        switch event {
        case .change: cdn.version += 1
        case .cdn(let fault, let duration): cdn.begin(fault, for: duration)
        case .store(let fault, let duration): aStore?.begin(fault, for: duration)
        case .flush: aStore?.restore(nil)
        case .restore(let age): aStore?.restore(world.now - age)
        case .storeClock(let step): server?.clockOffset += step
        case .wallClock(let host, let step):
            hosts[host].wallOffset += step
            if !local.isEmpty { local[host].clockOffset += step }
        case .foreign(let offset, let delay): writeForeign(offset, delay)
        case .call(let process, let call, let limit): self.call(lives[process], call, limit)
        case .offline(let process): lives[process]?.setOffline()
        case .online(let process):
            if !scenario.processes[process].isOffline { lives[process]?.setOnline() }
        case .close(let process): lives[process]?.close()
        case .shutdown(let process, let limit): shutdown(lives[process], limit)
        case .crash(let process): lives[process]?.crash()
        case .restart(let process): begin(process)
        case .stop(let process, let duration): stop(lives[process], duration)
        }
    }

    private var aStore: SimulatedStore? { stores.randomElement(using: &world.random) }

    private func writeForeign(_ offset: Int64, _ delay: Int64) {
        guard let store = aStore else { return }
        let entry = CacheEntry(
            fetchTime: store.time + offset, eTag: ServedConfig.eTag(cdn.version),
            configJSON: ServedConfig.json(cdn.version))
        world.after(delay) { store.writeForeign(entry) }
    }

    private func stop(_ life: Life?, _ duration: Int64) {
        guard let life, !life.isCrashed else { return }
        life.stop(for: duration)
    }

    private func shutdown(_ life: Life?, _ limit: Int64?) {
        life?.shutdown(cancelledAfter: limit, isChecked: !scenario.hasSlowCalls)
    }

    private func call(_ life: Life?, _ call: Scenario.Call, _ limit: Int64?) {
        life?.call(call, cancelledAfter: limit) { client in
            switch call {
            case .value: return "\(await client.getValue(for: "v", defaultValue: 0))"
            case .ready: return "\(await client.waitForReady())"
            case .refresh:
                let asked = self.world.now
                let success = await client.forceRefresh().success
                if success { self.checkRefresh(life, asked: asked) }
                return "\(success)"
            }
        }
    }

    // MARK: - Invariants

    /// Checks that the last sync of a client is not older than its successful refresh. Offline, a refresh only reads the cache.
    private func checkRefresh(_ life: Life?, asked: Int64) {
        guard let life, !life.isOffline, life.onlineSince < asked, !life.isCrashed, let health = life.client?.health
        else { return }
        // The process's clock may run slightly faster or slower.
        let longest = Double(world.now - asked) * 1.1 + 10
        guard let age = health.lastSync?.age, age <= .milliseconds(longest) else {
            return world.fail(
                "\(life.name): a refresh has succeeded, but the age of the last sync is \(health.lastSync.map { "\($0.age)" } ?? "never")"
            )
        }
    }

    /// Checks that every online process and every store has the newest config, and that clients report no errors.
    private func checkConfigs() {
        for (life, process) in zip(lives, scenario.processes) {
            guard let life, !process.isOffline, life.version != cdn.version else { continue }
            world.fail(
                "\(life.name) has config \(life.version), not \(cdn.version), \(scenario.settling) ms after the last fault"
            )
        }
        for (life, process) in zip(lives, scenario.processes) {
            guard let life else { continue }
            let value = life.client?.snapshot().getValue(for: "v", defaultValue: 0)
            if value != life.version {
                world.fail(
                    "\(life.name) evaluates config \(value ?? 0), but the last reported change is \(life.version)")
            }
            if life.version > 0, life.client?.health.lastSync == nil {
                world.fail("\(life.name) has a config, but its health has no last sync")
            }
            // Layers that answer at once seem slow to a process whose tasks are late, also after the last fault.
            let isTooLate = scenario.store == .layered && process.lag > 200
            if let health = life.client?.health, !life.isOffline, !isTooLate,
                health.consecutiveFailures > 0 || health.cache?.readError != nil
            {
                world.fail(
                    "\(life.name) has recovered, but its health reports \(health.consecutiveFailures) failures, \(health.cache?.readError ?? "no error")"
                )
            }
        }
        for store in storesBehind {
            world.fail("\(store.name) has config \(store.version ?? 0), not \(cdn.version)")
        }
        for (life, process) in zip(lives, scenario.processes) where process.isOffline && process.mode == .auto {
            // Layers may differ if the age of an entry is unknown.
            let versions = [local.isEmpty ? nil : local[process.host], server].compactMap { $0?.version }
            guard let life, !versions.isEmpty, !versions.contains(life.version) else { continue }
            world.fail("\(life.name) is offline and has config \(life.version), but its stores have \(versions)")
        }
    }

    /// The stores that online processes write to, and that do not have the newest config.
    private var storesBehind: [SimulatedStore] {
        guard scenario.processes.contains(where: { !$0.isOffline }) else { return [] }
        return stores.filter { isUsed($0) && $0.version != cdn.version }
    }

    /// Returns whether any online process writes to a store.
    private func isUsed(_ store: SimulatedStore) -> Bool {
        store === server || scenario.processes.contains { !$0.isOffline && store === local[$0.host] }
    }

    /// Checks that every call of a client has returned.
    private func checkWaits() {
        for life in lives.compactMap(\.self) + ended where !life.isCrashed {
            for what in life.waiting.values.map(\.name).sorted() {
                world.fail("\(life.name): the call '\(what)' has not returned")
            }
        }
    }

    /// Checks the number of requests: one per interval for the processes that share leases, otherwise one per process.
    private func checkDownloads() {
        let polling = scenario.processes.filter { !$0.isOffline && $0.mode == .auto }
        guard world.violation == nil, let shortest = polling.map(\.interval).min() else { return }
        let window = 3 * scenario.longestInterval
        let before = cdn.requests
        world.run(until: world.now + window)
        let sharing =
            [.server, .layered].contains(scenario.store)
            ? 1
            : scenario.store == .local ? Set(polling.map(\.host)).count : polling.count
        // A config counts as expired a tenth of the interval early, at most half a second.
        let interval = Int64(shortest) * 1000 - min(500, Int64(shortest) * 100)
        let limit = (Int(window / interval) + 2) * sharing
        if cdn.requests - before > limit {
            world.fail("\(cdn.requests - before) downloads in \(window) ms without faults; the limit is \(limit)")
        }
    }
}

/// Writes the log messages of a client to the world's log.
private struct RecordingHandler: LogHandler {
    let life: String
    let world: World
    var logLevel = Logger.Level.warning
    var metadata = Logger.Metadata()

    init(life: String, world: World) {
        self.life = life
        self.world = world
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        world.record("\(life): [\(event.level)] \(event.message)")
    }
}
