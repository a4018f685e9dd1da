import ConfigCatEvaluation
import Testing

@testable import ConfigCat

@Suite("Repeated events")
struct RepeatedEventsTests {
    private func event(_ subject: String, id: Int = 1001) -> RepeatedEvents.Event {
        RepeatedEvents.Event(id: id, subject: subject)
    }

    @Test("The first event is written, and repetitions are counted")
    func firstIsWritten() {
        var events = RepeatedEvents()
        #expect(events.add(event("a"), .error, now: 0) == .write)
        #expect(events.add(event("a"), .error, now: 1) == .count)
        #expect(events.add(event("b"), .error, now: 2) == .write)
        #expect(events.add(event("a", id: 1000), .error, now: 3) == .write)
        #expect(events.windowEnd == 60_000)
    }

    @Test("A summary has the event, the number of repetitions, and the period")
    func summary() {
        var events = RepeatedEvents()
        _ = events.add(event("a"), .error, now: 0)
        events.describe(event("a"), as: "Setting 'a' cannot be evaluated.")
        let summaries = events.endWindow(adding: [event("a"): 59_999], now: 60_000)
        #expect(
            summaries == [
                RepeatedEvents.Summary(
                    id: 1001, level: .error,
                    message: "Setting 'a' cannot be evaluated. … and 59,999 times more in the last 60 s.",
                    repetitions: 59_999)
            ])
        #expect(events.windowEnd == 120_000)
    }

    @Test("An event that is repeated again is summed up again; one that is not repeated is forgotten")
    func nextWindow() {
        var events = RepeatedEvents()
        for subject in ["a", "b"] { _ = events.add(event(subject), .warning, now: 0) }
        _ = events.add(event("a"), .warning, now: 1)
        #expect(events.endWindow(now: 60_000).map(\.repetitions) == [1])
        #expect(events.add(event("a"), .warning, now: 60_001) == .count)
        #expect(events.add(event("b"), .warning, now: 60_002) == .write)
        #expect(events.endWindow(now: 120_000).map(\.message) == ["a … and 1 time more in the last 60 s."])
        #expect(events.endWindow(now: 180_000) == [])
        #expect(events.windowEnd == nil)
        #expect(events.add(event("a"), .warning, now: 180_001) == .write)
    }

    @Test("The summary of an event that first occurred late in a window covers the time since then")
    func shortPeriod() {
        var events = RepeatedEvents()
        _ = events.add(event("early"), .error, now: 0)
        _ = events.add(event("late"), .error, now: 50_000)
        _ = events.add(event("late"), .error, now: 50_001)
        #expect(events.endWindow(now: 60_000).map(\.message) == ["late … and 1 time more in the last 10 s."])
    }

    @Test("More than a hundred events of an id are counted together, and do not affect other ids")
    func limit() {
        var events = RepeatedEvents()
        for number in 0..<RepeatedEvents.limit {
            #expect(events.add(event("\(number)"), .error, now: 0) == .write)
        }
        for number in 100..<1100 { #expect(events.add(event("\(number)"), .error, now: 1) == .countWithOthers) }
        #expect(events.add(event("cause", id: 2200), .error, now: 2) == .write)
        #expect(
            events.endWindow(now: 60_000).map(\.message) == [
                "… and 1,000 times more about others, the last of them '1099', in the last 60 s."
            ])
        #expect(events.add(event("1100"), .error, now: 60_001) == .write)
    }

    @Test("Long subjects and messages are cut")
    func cut() {
        var events = RepeatedEvents()
        let long = String(repeating: "x", count: 100_000)
        #expect(event(long).subject.utf8.count == 256)
        _ = events.add(event(long), .error, now: 0)
        events.describe(event(long), as: long)
        _ = events.add(event(long), .error, now: 0)
        #expect(events.endWindow(now: 60_000)[0].message.utf8.count < 200)
    }
}
