import ConfigCatCache
import ConfigCatEvaluation
import Synchronization

/// Reads overrides, and reads them again whenever their file changes. What cannot be read is logged, and the last good
/// content stays.
final class OverrideWatcher: Sendable {
    private let source: any OverrideDataSource
    private let log: EventLogger
    private let onChange: @Sendable (Config) -> Void
    private let watcher: FileWatcher?
    private let lastFault = Mutex<String?>(nil)
    private let last = Mutex<Config?>(nil)

    init(source: any OverrideDataSource, log: EventLogger, onChange: @escaping @Sendable (Config) -> Void) {
        self.source = source
        self.log = log
        self.onChange = onChange
        watcher = (source as? any WatchedOverrideDataSource).map { FileWatcher(path: $0.watchedPath) }
    }

    func start() {
        load()
        watcher?.start { [weak self] in self?.load() }
    }

    func stop() {
        watcher?.stop()
    }

    private func load() {
        do {
            let config = try source.overrides()
            lastFault.withLock { $0 = nil }
            let isNew = last.withLock { last in
                defer { last = config }
                return last.map { !$0.isSameDocument(as: config) } ?? true
            }
            if isNew { onChange(config) }
        } catch {
            // Each fault is told once, however often the file is looked at.
            let text = "\(error)"
            let isNew = lastFault.withLock { fault in
                defer { fault = text }
                return fault != text
            }
            if isNew {
                let code = (error as? OverrideError)?.code ?? .fileNotReadable
                log.error(code.rawValue, "The overrides cannot be read: \(text).", error)
            }
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
