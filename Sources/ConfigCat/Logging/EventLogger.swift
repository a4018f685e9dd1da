package import ConfigCatEvaluation
package import Logging

/// Writes log events through swift-log: the event id is metadata, `event_id`, and begins the message. Errors go to a
/// client's hooks too.
///
/// Whether a level is enabled is asked once, not for each evaluation.
package struct EventLogger: Sendable {
    package let logger: Logger
    package let isInfoEnabled: Bool
    package let isWarningEnabled: Bool
    private let onError: (@Sendable (String, (any Error)?) -> Void)?

    package init(_ logger: Logger, onError: (@Sendable (String, (any Error)?) -> Void)? = nil) {
        self.logger = logger
        self.onError = onError
        isInfoEnabled = logger.logLevel <= .info
        isWarningEnabled = logger.logLevel <= .warning
    }

    package func log(_ record: LogRecord, _ error: (any Error)? = nil) {
        logger.log(
            level: Logger.Level(record.level), "[\(record.id)] \(record.message)",
            metadata: ["event_id": "\(record.id)"])
        if record.level == .error { onError?(record.message, error) }
    }

    package func error(_ id: Int, _ message: String, _ error: (any Error)? = nil) {
        log(LogRecord(id: id, level: .error, message: message), error)
    }

    package func warning(_ id: Int, _ message: String) { log(LogRecord(id: id, level: .warning, message: message)) }
    package func debug(_ message: @autoclosure () -> String) { logger.debug("\(message())") }
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
