import ConfigCatEvaluation

/// Decides which log events are written and which are only counted.
///
/// The first event of a kind is written. Its repetitions are counted, and each minute one summary gives their number.
/// An event that has not been repeated by then is forgotten, so that the next one is written again.
///
/// It has no clock: each call has the time on a monotonic clock, in milliseconds.
struct RepeatedEvents: Sendable {
    /// The identity of an event: events with the same id and subject are repetitions.
    struct Event: Hashable, Sendable {
        let id: Int
        /// The subject of the event, such as the key of a setting.
        let subject: String

        /// The length, in bytes, at which a subject is cut to limit memory, because a key may come from a request.
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
        /// The event is counted.
        case count
        /// Too many events are known, so the event is counted together with all others of its id.
        case countWithOthers
    }

    /// The number of times that an event was not written, with a message.
    struct Summary: Sendable, Equatable {
        var id: Int
        var level: LogRecord.Level
        var message: String
        var repetitions: Int
    }

    /// The time after which repetitions are summed up, in milliseconds.
    static let window: Int64 = 60_000
    /// The number of events of one id that are known at the same time. There are few ids, but any number of subjects.
    static let limit = 100
    /// The length of the part of a message that a summary repeats, in characters.
    private static let messageLimit = 100

    private struct Known {
        var number: Int
        var level: LogRecord.Level
        var message: String
        /// When the event was last written or summed up.
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
    /// The number of known events of each id.
    private var counts: [Int: Int] = [:]
    private var nextNumber = 0
    /// When ``endWindow(adding:now:forgets:)`` is due; nil if nothing is counted.
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

    /// Sums up the counted events, and starts the next window if any event is still known.
    ///
    /// - Parameters:
    ///   - counts: Additional counts of events.
    ///   - now: The time.
    ///   - forgets: Whether events that have not been repeated are forgotten, as at the end of a whole window.
    /// - Returns: The summaries, in the order in which the events first occurred.
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

    /// Returns a number with commas between groups of three digits.
    private static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.indices.map { index in
            let follows = digits.count - index
            return (index > 0 && follows % 3 == 0 ? "," : "") + String(digits[index])
        }.joined()
    }
}
