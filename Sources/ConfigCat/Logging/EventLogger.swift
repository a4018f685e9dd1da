package import ConfigCatEvaluation
package import Logging

/// Writes log events through swift-log: the event id is metadata, `event_id`, and begins the message.
///
/// Whether a level is enabled is asked once, not for each evaluation.
package struct EventLogger: Sendable {
    package let logger: Logger
    package let isInfoEnabled: Bool
    package let isWarningEnabled: Bool

    package init(_ logger: Logger) {
        self.logger = logger
        isInfoEnabled = logger.logLevel <= .info
        isWarningEnabled = logger.logLevel <= .warning
    }

    package func log(_ event: LogRecord) {
        logger.log(
            level: Logger.Level(event.level), "[\(event.id)] \(event.message)", metadata: ["event_id": "\(event.id)"])
    }

    package func error(_ id: Int, _ message: String) { log(LogRecord(id: id, level: .error, message: message)) }
    package func warning(_ id: Int, _ message: String) { log(LogRecord(id: id, level: .warning, message: message)) }
    package func info(_ id: Int, _ message: String) { log(LogRecord(id: id, level: .info, message: message)) }
}

extension Logger.Level {
    init(_ level: LogRecord.Level) {
        switch level {
        case .error: self = .error
        case .warning: self = .warning
        case .info: self = .info
        }
    }
}
