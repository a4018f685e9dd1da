import ConfigCatCache
package import ConfigCatEvaluation
package import Logging
import Synchronization

/// Writes log events through swift-log. The event id is in the metadata, as `event_id`, and at the beginning of the
/// message. Errors are also reported to the client's hooks.
///
/// The level of the logger is read once for info and warnings, not for each evaluation.
package struct EventLogger: Sendable {
    package let isInfoEnabled: Bool
    package let isWarningEnabled: Bool
    private let sink: EventSink

    /// Creates a logger that writes every event.
    package init(_ logger: Logger) { self.init(logger, limiter: nil) }

    /// Creates a logger for a client.
    ///
    /// - Parameters:
    ///   - logger: The logger for events.
    ///   - limiter: The limiter of warnings and errors; nil writes all.
    ///   - hooks: The hooks whose error handlers are called for each error.
    init(_ logger: Logger, limiter: EventLimiter?, hooks: Hooks? = nil) {
        sink = EventSink(logger, limiter, hooks)
        isInfoEnabled = logger.logLevel <= .info
        isWarningEnabled = logger.logLevel <= .warning
    }

    package func log(_ record: LogRecord, _ error: (any Error)? = nil) {
        sink.emit(record.id, record.level, about: record.subject ?? record.message, error) { record.message }
    }

    /// Logs an error.
    ///
    /// - Parameters:
    ///   - id: The event's id.
    ///   - subject: The subject of the error, such as the key of a setting. Events with the same id and subject are
    ///     repetitions.
    ///   - message: A closure that returns the message. It is called only if the message is needed.
    ///   - error: The cause, for handlers.
    func error(_ id: Int, about subject: String, _ message: () -> String, _ error: (any Error)? = nil) {
        sink.emit(id, .error, about: subject, error, message)
    }

    package func error(_ id: Int, _ message: String, _ error: (any Error)? = nil) {
        log(LogRecord(id: id, level: .error, message: message), error)
    }

    package func warning(_ id: Int, about subject: String? = nil, _ message: String) {
        log(LogRecord(id: id, level: .warning, message: message, subject: subject))
    }

    package func debug(_ message: @autoclosure () -> String) { sink.logger.debug("\(message())") }
    package func info(_ id: Int, _ message: String) { log(LogRecord(id: id, level: .info, message: message)) }
}

/// The destination of one client's events. It is one object, so that a snapshot has a single reference to it.
private final class EventSink: Sendable {
    let logger: Logger
    private let hooks: Hooks?
    private let limiter: EventLimiter?
    private let process = ProcessMark()
    /// Limits the events of a forked process.
    private let forkedEvents = AtomicLazyReference<FirstEvents>()

    init(_ logger: Logger, _ limiter: EventLimiter?, _ hooks: Hooks?) {
        self.logger = logger
        self.limiter = limiter
        self.hooks = hooks
    }

    func emit(
        _ id: Int, _ level: LogRecord.Level, about subject: @autoclosure () -> String, _ error: (any Error)?,
        _ message: () -> String
    ) {
        // Events of level info are written only on request, and are therefore not limited.
        let isLimited = limiter != nil && level != .info
        let event = isLimited ? RepeatedEvents.Event(id: id, subject: subject()) : nil
        let isForked = process.isForked
        var isWritten = logger.logLevel <= Logger.Level(level)
        if isWritten, let event {
            isWritten =
                isForked
                ? id == ConfigCatClient.forkedEvent || eventsAfterFork.admits(event)
                : limiter?.admits(event, level) ?? true
        }
        let hooks = level == .error && self.hooks?.hasErrorHandlers ?? false ? self.hooks : nil
        guard isWritten || hooks != nil else { return }
        let message = message()
        if isWritten {
            if let event, !isForked { limiter?.describe(event, as: message) }
            logger.write(id, level, message)
        }
        hooks?.fireError(message, error)
    }

    private var eventsAfterFork: FirstEvents { forkedEvents.load() ?? forkedEvents.storeIfNil(FirstEvents()) }
}

extension Logger {
    fileprivate func write(_ id: Int, _ level: LogRecord.Level, _ message: String) {
        log(level: Level(level), "[\(id)] \(message)", metadata: ["event_id": "\(id)"])
    }

    /// Writes a summary of events that were not written.
    func write(_ summary: RepeatedEvents.Summary) {
        log(
            level: Level(summary.level), "[\(summary.id)] \(summary.message)",
            metadata: ["event_id": "\(summary.id)", "repetitions": "\(summary.repetitions)"])
    }
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
