import Testing

@testable import ConfigCat

@Suite("The first events of a kind")
struct FirstEventsTests {
    private func event(_ number: Int) -> RepeatedEvents.Event {
        RepeatedEvents.Event(id: 1001, subject: "setting \(number)")
    }

    @Test("If tasks report the same events at the same time, each event is admitted once")
    func once() async {
        let events = FirstEvents()
        let admitted = await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { (0..<50).shuffled().filter { events.admits(event($0)) } }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(admitted.sorted() == Array(0..<50))
    }

    @Test("At most the limit of kinds is admitted")
    func limit() {
        let events = FirstEvents()
        #expect((0..<1000).count { events.admits(event($0)) } == FirstEvents.limit)
    }
}
