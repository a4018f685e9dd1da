import ConfigCatEvaluation

/// Decides which log events are written and which are only counted.
///
/// The first event of a kind is written. Its repetitions are counted, and each minute one summary says how many there were. An
/// event that has not repeated by then is forgotten, so that the next one is written again.
///
/// It has no clock: each call brings the time on a monotonic clock, in milliseconds.
struct RepeatedEvents: Sendable {
    /// What makes two events the same.
    struct Event: Hashable, Sendable {
        let id: Int
        /// What the event is about, such as the key of a setting.
        let subject: String

        /// Memory is limited, and a key may come from a request: the beginning decides.
        private static let subjectLimit = 256

        init(id: Int, subject: String) {
            self.id = id
            self.subject =
                subject.utf8.count > Self.subjectLimit
                ? String(decoding: subject.utf8.prefix(Self.subjectLimit), as: UTF8.self) : subject
        }
    }

    enum Decision {
        /// The event is written, and its repetitions are counted.
        case write
        /// The event is counted under its name.
        case count
        /// Too many events are known: the event is counted with all others of its id.
        case countWithOthers
    }

    /// How often an event was not written.
    struct Summary: Sendable, Equatable {
        var id: Int
        var level: LogRecord.Level
        var message: String
        var repetitions: Int
    }

    /// How long repetitions are counted before they are summed up, in milliseconds.
    static let window: Int64 = 60_000
    /// How many events of an id are known at the same time. There are few ids; a subject may be any text.
    static let limit = 100
    /// How much of a message a summary repeats, in characters.
    private static let messageLimit = 100

    private struct Known {
        var number: Int
        var level: LogRecord.Level
        var message: String
        /// When it was written or summed up last.
        var since: Int64
        var count = 0
    }

    private struct Others {
        var level: LogRecord.Level
        var lastSubject: String
        var since: Int64
        var count = 0
    }

    private var known: [Event: Known] = [:]
    private var others: [Int: Others] = [:]
    /// How many events of each id are known.
    private var counts: [Int: Int] = [:]
    private var nextNumber = 0
    /// When ``endWindow(adding:now:)`` is due; nil if nothing is counted.
    private(set) var windowEnd: Int64?

    mutating func add(_ event: Event, _ level: LogRecord.Level, now: Int64) -> Decision {
        if known[event] != nil {
            known[event]?.count += 1
            return .count
        }
        guard counts[event.id, default: 0] < Self.limit else {
            others[event.id, default: Others(level: level, lastSubject: "", since: now)].count += 1
            others[event.id]?.lastSubject = event.subject
            return .countWithOthers
        }
        known[event] = Known(number: nextNumber, level: level, message: event.subject, since: now)
        nextNumber += 1
        counts[event.id, default: 0] += 1
        if windowEnd == nil { windowEnd = now + Self.window }
        return .write
    }

    /// Sets the message that summaries of an event begin with.
    mutating func describe(_ event: Event, as message: String) {
        let beginning = message.utf8.prefix(4 * Self.messageLimit)
        known[event]?.message = String(String(decoding: beginning, as: UTF8.self).prefix(Self.messageLimit))
    }

    /// Sums up what was counted, and starts the next window if anything has repeated.
    ///
    /// - Parameters:
    ///   - counts: Events that were counted elsewhere.
    ///   - now: The time.
    ///   - forgets: Whether events that have not repeated are forgotten, as at the end of a whole window.
    /// - Returns: The summaries, in the order in which the events first came.
    mutating func endWindow(
        adding counts: [Event: Int] = [:], now: Int64, forgets: Bool = true
    ) -> [Summary] {
        for (event, count) in counts { known[event]?.count += count }
        var summaries: [Summary] = []
        for (event, entry) in known.sorted(by: { $0.value.number < $1.value.number }) {
            guard entry.count > 0 else {
                guard forgets else { continue }
                known[event] = nil
                self.counts[event.id, default: 1] -= 1
                continue
            }
            summaries.append(
                Summary(
                    id: event.id, level: entry.level,
                    message: "\(entry.message) … and \(times(entry.count)) more \(period(entry.since, now)).",
                    repetitions: entry.count))
            known[event]?.count = 0
            known[event]?.since = now
        }
        for (id, entry) in others.sorted(by: { $0.key < $1.key }) {
            summaries.append(
                Summary(
                    id: id, level: entry.level,
                    message: "… and \(times(entry.count)) more about others, the last of them "
                        + "'\(entry.lastSubject.prefix(Self.messageLimit))', \(period(entry.since, now)).",
                    repetitions: entry.count))
        }
        others = [:]
        windowEnd = known.isEmpty ? nil : now + Self.window
        return summaries
    }

    private func times(_ count: Int) -> String { "\(Self.grouped(count)) time\(count == 1 ? "" : "s")" }

    private func period(_ since: Int64, _ now: Int64) -> String {
        "in the last \(Self.grouped(max(1, Int((now - since + 500) / 1000)))) s"
    }

    /// Returns a number with a comma between each three digits.
    private static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.indices.map { index in
            let follows = digits.count - index
            return (index > 0 && follows % 3 == 0 ? "," : "") + String(digits[index])
        }.joined()
    }
}
