/// A message for the log, with the event id that all of ConfigCat's SDKs use for it.
package struct LogRecord: Sendable, Equatable {
    package enum Level: Sendable { case error, warning, info }

    package var id: Int
    package var level: Level
    package var message: String
    /// The subject of the event; if nil, the message. Events with the same id and the same subject count as repeated.
    package var subject: String?

    package init(id: Int, level: Level, message: String, subject: String? = nil) {
        self.id = id
        self.level = level
        self.message = message
        self.subject = subject
    }
}
