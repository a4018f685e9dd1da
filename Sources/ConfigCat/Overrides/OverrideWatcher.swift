import ConfigCatCache
import ConfigCatEvaluation
import Synchronization

/// Reads overrides, and reads them again whenever their file changes. If they cannot be read, the error is logged, and
/// the last overrides stay.
final class OverrideWatcher: Sendable {
    /// Whether the overrides are being read. One thread reads at a time, so that the newest content is published last.
    private enum Phase {
        case idle
        case reading
        /// The overrides may have changed since the current read began.
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

    /// Creates a watcher, which ``start()`` starts.
    ///
    /// - Parameters:
    ///   - source: The source of the overrides.
    ///   - log: The log for errors.
    ///   - onChange: A closure that is called with new overrides. It must not call this watcher.
    init(source: any OverrideDataSource, log: EventLogger, onChange: @escaping @Sendable (Config) -> Void) {
        self.source = source
        self.log = log
        self.onChange = onChange
        watcher = (source as? any WatchedOverrideDataSource).map { FileWatcher(path: $0.watchedPath) }
    }

    /// Reads the overrides, and starts watching them. After ``stop()``, this method does nothing.
    func start() {
        reload()
        watcher?.start { [weak self] in self?.reload() }
    }

    /// Stops watching. After this method has returned, nothing is published.
    func stop() {
        phase.withLock { $0 = .stopped }
        watcher?.stop()
    }

    /// Reads the overrides. If another thread is reading them, that thread reads them again.
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

    /// Ends a read, and returns whether another one is due.
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
            // The same error is logged once, however often the file is read.
            let text = "\(error)"
            let isNew = lastError.withLock { last in
                defer { last = text }
                return last != text
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

    /// Publishes overrides under the lock, so that ``stop()`` waits for it, and nothing is published afterwards.
    private func publish(_ config: Config) {
        phase.withLock { phase in
            if case .stopped = phase { return }
            onChange(config)
        }
    }
}

/// A source of overrides whose file is watched.
protocol WatchedOverrideDataSource: OverrideDataSource {
    var watchedPath: String { get }
}

extension LocalFileDataSource: WatchedOverrideDataSource {
    var watchedPath: String { path }
}
