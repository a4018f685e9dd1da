import ConfigCatCache
import ConfigCatEvaluation
import Synchronization

/// Reads overrides, and reads them again whenever their file changes. What cannot be read is logged, and the last good
/// content stays.
final class OverrideWatcher: Sendable {
    /// Who reads the overrides: one at a time, so that the newest content is the last.
    private enum Phase {
        case idle
        case reading
        /// The overrides have changed since the reading began.
        case readingOutdated
        case stopped
    }

    private let source: any OverrideDataSource
    private let log: EventLogger
    private let onChange: @Sendable (Config) -> Void
    private let watcher: FileWatcher?
    private let phase = Mutex(Phase.idle)
    private let lastError = Mutex<String?>(nil)
    private let lastConfig = Mutex<Config?>(nil)

    /// - Parameters:
    ///   - source: Where the overrides come from.
    ///   - log: Where faults are logged.
    ///   - onChange: Takes the overrides that are new. It must not call this watcher.
    init(source: any OverrideDataSource, log: EventLogger, onChange: @escaping @Sendable (Config) -> Void) {
        self.source = source
        self.log = log
        self.onChange = onChange
        watcher = (source as? any WatchedOverrideDataSource).map { FileWatcher(path: $0.watchedPath) }
    }

    /// Reads the overrides, and watches them from then on. After ``stop()``, it does nothing.
    func start() {
        reload()
        watcher?.start { [weak self] in self?.reload() }
    }

    /// Ends the watching. When this returns, nothing is published any more.
    func stop() {
        phase.withLock { $0 = .stopped }
        watcher?.stop()
    }

    /// Reads the overrides. If they are being read already, whoever does so reads them once more.
    func reload() {
        let isReader = phase.withLock { phase in
            switch phase {
            case .idle:
                phase = .reading
                return true
            case .reading, .readingOutdated:
                phase = .readingOutdated
                return false
            case .stopped: return false
            }
        }
        guard isReader else { return }
        repeat { read() } while isOutdated()
    }

    /// Ends a reading, and returns whether another one is due.
    private func isOutdated() -> Bool {
        phase.withLock { phase in
            switch phase {
            case .readingOutdated:
                phase = .reading
                return true
            case .idle, .reading:
                phase = .idle
                return false
            case .stopped: return false
            }
        }
    }

    private func read() {
        do {
            let config = try source.overrides()
            lastError.withLock { $0 = nil }
            let isNew = lastConfig.withLock { last in
                defer { last = config }
                return last.map { !$0.isSameDocument(as: config) } ?? true
            }
            if isNew { publish(config) }
        } catch {
            // Each fault is logged once, however often the file is read.
            let text = "\(error)"
            let isNew = lastError.withLock { fault in
                defer { fault = text }
                return fault != text
            }
            if isNew, !isStopped {
                let code = (error as? OverrideError)?.code ?? .fileNotReadable
                log.error(code.rawValue, "The overrides cannot be read: \(text).", error)
            }
        }
    }

    private var isStopped: Bool {
        phase.withLock { if case .stopped = $0 { true } else { false } }
    }

    /// Publishes under the lock: whoever stops the watcher waits for it, and nothing follows.
    private func publish(_ config: Config) {
        phase.withLock { phase in
            if case .stopped = phase { return }
            onChange(config)
        }
    }
}

/// Overrides that change with a file.
protocol WatchedOverrideDataSource: OverrideDataSource {
    var watchedPath: String { get }
}

extension LocalFileDataSource: WatchedOverrideDataSource {
    var watchedPath: String { path }
}
