/// A message for the log, with the number by which ConfigCat's SDKs tell messages apart.
package struct LogRecord: Sendable, Equatable {
    package enum Level: Sendable { case error, warning, info }

    package var id: Int
    package var level: Level
    package var message: String
    /// What the event is about: events with the same id and subject are the same event. The message if nil.
    package var subject: String?

    package init(id: Int, level: Level, message: String, subject: String? = nil) {
        self.id = id
        self.level = level
        self.message = message
        self.subject = subject
    }
}
