import Synchronization
import Testing

@testable import ConfigCat

@Suite("The first events of a kind")
struct FirstEventsTests {
    private func event(_ number: Int) -> RepeatedEvents.Event {
        RepeatedEvents.Event(id: 1001, subject: "setting \(number)")
    }

    @Test("Of tasks that report the same events at once, one is let through for each")
    func once() async {
        let events = FirstEvents()
        let admitted = Mutex([Int](repeating: 0, count: 50))
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for number in (0..<50).shuffled() where events.admits(event(number)) {
                        admitted.withLock { $0[number] += 1 }
                    }
                }
            }
        }
        #expect(admitted.withLock { $0 } == [Int](repeating: 1, count: 50))
    }

    @Test("No more kinds are let through than the limit says")
    func limit() {
        let events = FirstEvents()
        #expect((0..<1000).count { events.admits(event($0)) } == FirstEvents.limit)
    }
}
