package import Logging
import Synchronization

/// Records the log messages of a client.
package final class EventLog: LogHandler {
    private let recorded = Mutex<[String]>([])

    package init() {}

    package var messages: [String] { recorded.withLock(\.self) }

    package var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    package var logLevel: Logger.Level {
        get { .warning }
        set {}
    }
    package subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
    package func log(event: Logging.LogEvent) { recorded.withLock { $0.append("\(event.message)") } }
}
