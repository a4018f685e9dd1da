import ConfigCatCache
import ConfigCatEvaluation
import Synchronization

/// Limits repeated log events, as ``RepeatedEvents`` decides.
///
/// Threads count repetitions separately, because all of them may evaluate a missing setting at full speed. Once a
/// minute, a timer or the next event adds up the counts.
final class EventLimiter: Sendable {
    private struct State {
        var events = RepeatedEvents()
        /// The number of times that the threads' counts have been collected.
        var window = 0
        var timer: Task<Void, Never>?
        var isClosed = false
    }

    /// The counts of some threads since the counts were last collected.
    private struct Counts {
        var window = 0
        var repetitions: [RepeatedEvents.Event: Int] = [:]

        /// Counts an event, and returns true, if the event is known in this window.
        mutating func count(_ event: RepeatedEvents.Event) -> Bool {
            guard let index = repetitions.index(forKey: event) else { return false }
            repetitions.values[index] += 1
            return true
        }
    }

    private final class Stripe: Sendable {
        let counts = Mutex(Counts())
        /// Keeps two stripes out of one cache line.
        let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
    }

    private let state = Mutex(State())
    private let stripes = (0..<16).map { _ in Stripe() }
    /// When the counts are to be collected, on the monotonic clock.
    private let windowEnd = Atomic<Int64>(.max)
    private let tasks: TaskTracker
    private let host: HostRuntime
    private let write: @Sendable (RepeatedEvents.Summary) -> Void

    /// Creates a limiter.
    ///
    /// - Parameters:
    ///   - host: The source of times and timers.
    ///   - write: A closure that writes a summary.
    init(host: HostRuntime, write: @escaping @Sendable (RepeatedEvents.Summary) -> Void) {
        self.host = host
        tasks = TaskTracker(host)
        self.write = write
    }

    deinit { close() }

    /// Returns whether an event is to be written. Otherwise, the event is counted.
    func admits(_ event: RepeatedEvents.Event, _ level: LogRecord.Level) -> Bool {
        let now = host.now()
        if now >= windowEnd.load(ordering: .relaxed) { endWindow(at: now) }
        let stripe = stripes[ThreadNumber.current % stripes.count]
        if stripe.counts.withLock({ $0.count(event) }) { return false }
        let (decision, window) = state.withLock { state in
            let decision = state.events.add(event, level, now: now)
            scheduleSummary(&state)
            return (decision, state.window)
        }
        if case .count = decision {
            // From now on, this thread counts the event in its own stripe.
            stripe.counts.withLock { counts in
                if counts.window == window { counts.repetitions[event, default: 0] += 0 }
            }
        }
        if case .write = decision { return true }
        return false
    }

    /// Sets the message that summaries of an event begin with.
    func describe(_ event: RepeatedEvents.Event, as message: String) {
        state.withLock { $0.events.describe(event, as: message) }
    }

    /// Writes the summaries of the counted events, and ends the timer. Events are still limited; their summaries are
    /// written with later events, or when the limiter is released.
    func close() {
        let timer = state.withLock { state in
            state.isClosed = true
            defer { state.timer = nil }
            return state.timer
        }
        timer?.cancel()
        endWindow(at: nil)
    }

    /// Waits until the timer of a closed limiter has ended.
    func waitUntilIdle() async { _ = await tasks.waitUntilIdle() }

    // MARK: - Summaries

    /// Writes the summaries of a window that has ended.
    ///
    /// - Parameter time: The time; nil to end the window now.
    private func endWindow(at time: Int64?) {
        let summaries = state.withLock { state -> [RepeatedEvents.Summary] in
            guard let end = state.events.windowEnd, time ?? end >= end else { return [] }
            state.window += 1
            var counts: [RepeatedEvents.Event: Int] = [:]
            for stripe in stripes {
                let counted = stripe.counts.withLock { counts in
                    defer { counts = Counts(window: state.window) }
                    return counts.repetitions
                }
                counts.merge(counted, uniquingKeysWith: +)
            }
            let summaries = state.events.endWindow(
                adding: counts, now: time ?? host.now(), forgets: time != nil)
            scheduleSummary(&state)
            return summaries
        }
        // A log handler may evaluate settings, and must not do so under a lock.
        for summary in summaries { write(summary) }
    }

    private func scheduleSummary(_ state: inout State) {
        windowEnd.store(state.events.windowEnd ?? .max, ordering: .relaxed)
        guard !state.isClosed, state.timer == nil, state.events.windowEnd != nil else { return }
        // The timer does not retain the limiter while it waits, so that both end when no logger uses the limiter any
        // more.
        let nextPause = { @Sendable [weak self] in self?.nextPause() }
        let endWindow = { @Sendable [weak self, host] in self?.endWindow(at: host.now()) }
        state.timer = tasks.run { [host] in
            while let pause = nextPause() {
                do { try await host.sleep(.milliseconds(pause)) } catch { return }
                endWindow()
            }
        }
    }

    /// Returns the time until the window ends, in milliseconds; nil, which ends the timer, if there is no window.
    private func nextPause() -> Int64? {
        state.withLock { state in
            guard let end = state.events.windowEnd else {
                state.timer = nil
                return nil
            }
            return max(1, end - host.now())
        }
    }
}
