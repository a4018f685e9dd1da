import ConfigCat
import ConfigCatCache
import ConfigCatEvaluation
import Dispatch
import Logging
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Publishes the config of a file, and publishes it again whenever the file changes.
final class FileSource: ConfigSource {
    private let path: String
    private let config: ServedConfig
    private let logger: Logger
    private let watcher: FileWatcher
    /// Held while the file is read, so that the newest content is published last.
    private let reading = Mutex(())

    init(path: String, config: ServedConfig, logger: Logger) {
        self.path = path
        self.logger = logger
        self.config = config
        // The watcher is created before the file is read, so that it notices every later change.
        watcher = FileWatcher(path: path)
        config.setSynchronizer { [weak self] in
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async { [weak self] in
                    continuation.resume(returning: ServedConfig.SyncResult(error: self?.read()))
                }
            }
        }
    }

    func start() async {
        watcher.start { [weak self] in _ = self?.read() }
        _ = await config.synchronize()
    }

    func stop() async { watcher.stop() }

    /// Reads the file, and returns what is wrong with it.
    private func read() -> String? {
        reading.withLock { _ in
            do {
                let read = try Config(contentsOfFile: path)
                guard read.namesSettings else {
                    throw DeclarationError(
                        "\(path): not a config: the object has neither \"f\" (config JSON) nor \"flags\"")
                }
                config.publish(upstream: read, at: Date())
                return nil
            } catch {
                let problem = "\(error)"
                // At the start, the server ends with this error.
                if config.document != nil, config.problem != problem {
                    logger.warning("The last valid config stays in use: \(OneLine.text(problem))")
                }
                config.report(problem: problem)
                return problem
            }
        }
    }
}
