extension Scenario {
    /// The groups of events. Each run has only some of them, so that each guarantee is also tested where it holds.
    private enum Theme: CaseIterable {
        case stores, losses, clocks, cdn, lives, stops, calls, foreign
    }

    /// Creates the scenario that a seed determines.
    package init(seed: UInt64) {
        var random = SplitMix(state: seed)
        func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        func one<Element>(_ elements: [Element]) -> Element { elements[Int(random.next() % UInt64(elements.count))] }

        self.seed = seed
        worldSeed = seed
        store = one([.none, .server, .server, .server, .server, .local, .local, .layered, .layered, .plain, .headers])
        storeOffset = chance(50) ? 0 : .random(in: -5000...5000, using: &random)
        var themes = Set(Theme.allCases.filter { _ in chance(35) })
        // If all processes are offline, only other SDKs write to the stores.
        let isAllOffline = chance(4)
        if isAllOffline { themes.insert(.foreign) }
        let count = random.next() % 400 == 0 ? .random(in: 6...50, using: &random) : one([1, 1, 2, 2, 3, 4, 5])
        let hostCount = min(count, one([1, 1, 2, 3]))
        hosts = (0..<hostCount).map { _ in
            Host(
                wallOffset: chance(50) ? 0 : .random(in: -60_000...60_000, using: &random),
                rate: themes.contains(.clocks) ? .random(in: 0.9995...1.0005, using: &random) : 1,
                base: .random(in: 0...100_000_000, using: &random))
        }
        let interval = one([2, 3, 5, 10, 30])
        let jitter = one([0, 0.1, 0.1, 0.1, 1])
        processes = (0..<count).map { index in
            Process(
                host: index % hostCount, mode: one([.auto, .auto, .auto, .auto, .auto, .lazy, .manual]),
                interval: chance(80) ? interval : max(2, interval / 2), maxInitWait: one([0, 1, 5, 5]), jitter: jitter,
                isOffline: isAllOffline || chance(8),
                start: chance(60) ? .random(in: 0...50, using: &random) : .random(in: 0...20_000, using: &random),
                startDelay: chance(70) ? 0 : .random(in: 0...20, using: &random), lag: one([0, 0, 0, 5, 50, 400]))
        }
        events = []
        let active = Int64(interval) * 1000 * (count > 5 ? 2 : Int64(one([2, 4, 8])))
        func time() -> Int64 { .random(in: 0...active, using: &random) }
        func process() -> Int { Int.random(in: 0..<count, using: &random) }
        func clockStep() -> Int64 {
            one([-86_400_000, -3_600_000, -10_000, -1000, -30, 30, 1000, 10_000, 3_600_000, 86_400_000])
        }
        func limit() -> Int64? { chance(30) ? .random(in: 0...3000, using: &random) : nil }
        func add(_ event: Event, at time: Int64) { events.append(Timed(time: time, event: event)) }

        for _ in 0..<one([0, 1, 2, 4]) { add(.change, at: time()) }
        for theme in Theme.allCases where themes.contains(theme) {
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let duration = Int64.random(in: 1...20_000, using: &random)
                switch theme {
                case .stores: add(.store(one(SimulatedStore.Fault.Kind.allCases), duration: duration), at: time())
                case .losses:
                    add(chance(50) ? .flush : .restore(age: .random(in: 0...active, using: &random)), at: time())
                case .clocks:
                    add(
                        chance(40)
                            ? .storeClock(by: clockStep())
                            : .wallClock(host: one(Array(0..<hostCount)), by: clockStep()),
                        at: time())
                case .cdn: add(.cdn(one(SimulatedCDN.Fault.allCases), duration: duration), at: time())
                case .lives:
                    let (process, time) = (process(), time())
                    let end: Event = one([
                        .close(process: process), .shutdown(process: process, cancelledAfter: limit()),
                        .crash(process: process),
                    ])
                    add(end, at: time)
                    add(.restart(process: process), at: time + .random(in: 0...10_000, using: &random))
                case .stops:
                    // With the longest interval, this is up to an hour; with more processes less, as they poll meanwhile.
                    let longest = Int64(interval) * 1000 * (count > 2 ? 10 : 120)
                    let stopped = chance(8) ? Int64.random(in: 1...longest, using: &random) : duration
                    add(.stop(process: process(), duration: stopped), at: time())
                case .calls:
                    let (process, time) = (process(), time())
                    switch Int.random(in: 0..<5, using: &random) {
                    case 0:
                        add(.offline(process: process), at: time)
                        add(.online(process: process), at: time + .random(in: 0...10_000, using: &random))
                    case 1:
                        add(
                            .call(process: process, one(Call.allCases), cancelledAfter: limit()),
                            at: processes[process].start)
                    default: add(.call(process: process, one(Call.allCases), cancelledAfter: limit()), at: time)
                    }
                case .foreign:
                    add(
                        .foreign(
                            clockOffset: chance(40) ? 0 : clockStep(),
                            delay: chance(70) ? 0 : .random(in: 0...20_000, using: &random)), at: time())
                }
            }
        }
        events.sort { $0.time < $1.time }
    }
}
