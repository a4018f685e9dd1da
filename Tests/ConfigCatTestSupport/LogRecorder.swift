import ConfigCat
package import Logging
import Synchronization

/// Records log messages and their metadata.
package final class LogRecorder: Sendable {
    private let records = Mutex<[(message: String, metadata: Logger.Metadata)]>([])
    private let onRecord = Mutex<(@Sendable () -> Void)?>(nil)

    package init() {}

    /// Sets the function that is called after each record.
    package func setHandler(_ handler: @escaping @Sendable () -> Void) { onRecord.withLock { $0 = handler } }

    package var messages: [String] { records.withLock { $0.map(\.message) } }
    package var metadata: [Logger.Metadata] { records.withLock { $0.map(\.metadata) } }
    package var ids: [Int] { metadata.compactMap { Int($0["event_id"]?.description ?? "") } }

    package func logger(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "test") { _ in Handler(recorder: self) }
        logger.logLevel = level
        return logger
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            recorder.records.withLock { $0.append(("\(event.message)", event.metadata ?? [:])) }
            recorder.onRecord.withLock(\.self)?()
        }
    }
}
