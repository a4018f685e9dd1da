import Dispatch
import Synchronization

/// Calls a handler when a file may have been changed, replaced, removed or created.
///
/// On Linux, inotify immediately reports changes in the folder of the file and in the folder of the file that it links
/// to. In addition, the file's status is compared twice a second: this finds changes that inotify cannot report, such
/// as a changed link further up in the path, and replaced folders, which are then watched.
package final class FileWatcher: Sendable {
    private static let checkInterval = DispatchTimeInterval.milliseconds(500)

    private enum Phase {
        case new
        case running(Watch)
        case stopped
    }

    private let path: String
    private let settling: Duration
    private let phase: Mutex<Phase>
    private let stamp: FileStamp
    /// Each watcher has its own queue, so that a file system that hangs does not block others.
    private let queue = DispatchQueue(label: "configcat.file-watcher", qos: .utility)

    /// Creates a watcher, which does not watch until it is started.
    ///
    /// - Parameters:
    ///   - path: The file. Neither it nor its folder need to exist.
    ///   - settling: How long to wait for the other events of an edit.
    package init(path: String, settling: Duration = .milliseconds(50)) {
        self.path = path
        self.settling = settling
        phase = Mutex(.new)
        stamp = FileStamp(path)
    }

    deinit { stop() }

    /// Starts to watch. A watcher can be started once, and not after it was stopped.
    ///
    /// - Parameter handler: Called after changes since this watcher was created, one call at a time. A call that has
    ///   begun when the watcher is stopped continues.
    package func start(_ handler: @escaping @Sendable () -> Void) {
        phase.withLock { phase in
            guard case .new = phase else { return }
            let watch = Watch(path, stamp, settling: settling, queue: queue, handler)
            phase = .running(watch)
            watch.start(every: Self.checkInterval)
        }
    }

    /// Stops watching. The descriptors are closed in the background: see ``waitUntilStopped(atMost:)``.
    package func stop() {
        let watch = phase.withLock { phase -> Watch? in
            defer { phase = .stopped }
            if case .running(let watch) = phase { return watch }
            return nil
        }
        guard let watch else { return }
        Self.stopping.begin()
        watch.stop()
        watch.notifyWhenStopped { Self.stopping.end() }
    }

    /// The stopped watchers of the process whose descriptors may still be open.
    private static let stopping = TaskTracker()

    /// Waits until all stopped watchers of the process have closed their descriptors.
    ///
    /// - Parameter limit: How long to wait at most.
    package static func waitUntilStopped(atMost limit: Duration) async {
        _ = await stopping.waitUntilIdle(atMost: limit)
    }
}

/// A running watcher. All its work is done on its queue.
private final class Watch: Sendable {
    private struct State {
        var stamp: FileStamp
        var timer: (any DispatchSourceTimer)?
        #if os(Linux)
            var events: FolderEvents?
        #endif
        /// The folders whose events are reported; nil if there are none.
        var watched: WatchedFolders?
        var isSettling = false
    }

    private let path: String
    private let settling: DispatchTimeInterval
    private let queue: DispatchQueue
    private let handler: @Sendable () -> Void
    private let isStopped = Atomic<Bool>(false)
    /// Entered while a descriptor is open.
    private let descriptors = DispatchGroup()
    nonisolated(unsafe) private var state: State

    init(
        _ path: String, _ stamp: FileStamp, settling: Duration, queue: DispatchQueue,
        _ handler: @escaping @Sendable () -> Void
    ) {
        self.path = path
        self.queue = queue
        self.handler = handler
        let (seconds, attoseconds) = settling.components
        self.settling = .milliseconds(Int(clamping: seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
        state = State(stamp: stamp)
    }

    func start(every interval: DispatchTimeInterval) {
        queue.async { [self] in
            guard !isStopped.load(ordering: .acquiring) else { return }
            let timer = DispatchSource.makeTimerSource(queue: queue)
            timer.setEventHandler { [weak self] in self?.check() }
            timer.schedule(deadline: .now() + interval, repeating: interval, leeway: .milliseconds(50))
            timer.resume()
            state.timer = timer
            // Changes from before the events began have not been reported.
            check()
        }
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        queue.async { [self] in
            state.timer?.cancel()
            state.timer = nil
            endEvents()
        }
    }

    /// Calls a handler after ``stop()``, when no descriptor is open any more.
    func notifyWhenStopped(_ handler: @escaping @Sendable () -> Void) {
        queue.async { [self] in descriptors.notify(queue: queue, execute: handler) }
    }

    /// Watches the folders that exist now, and calls the handler if the file itself has changed: events are also sent
    /// for other files in its folder.
    private func check() {
        guard !isStopped.load(ordering: .acquiring) else { return }
        watchFolders()
        let stamp = FileStamp(path)
        guard stamp != state.stamp else { return }
        state.stamp = stamp
        handler()
    }

    private func watchFolders() {
        #if os(Linux)
            let wanted = WatchedFolders(of: path)
            guard wanted != state.watched else { return }
            endEvents()
            guard wanted.isComplete else { return }
            let events = FolderEvents(wanted.folders, queue: queue, open: descriptors) { [weak self] in
                self?.settle(hasEnded: $0)
            }
            guard let events else { return }
            state.events = events
            state.watched = wanted
        #endif
    }

    private func endEvents() {
        #if os(Linux)
            state.events = nil
        #endif
        state.watched = nil
    }

    /// Waits for the other events of an edit, then checks.
    private func settle(hasEnded: Bool) {
        if hasEnded { endEvents() }
        guard !state.isSettling else { return }
        state.isSettling = true
        queue.asyncAfter(deadline: .now() + settling) { [weak self] in
            guard let self else { return }
            state.isSettling = false
            check()
        }
    }
}
