import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Calls a handler when a file may have changed, been replaced, removed or made.
///
/// On Linux, inotify watches the folders of the file and of what it links to, so that editors which write a new file and
/// tools which move a link are noticed too. Elsewhere, and where inotify has no watches left, the file's modification time
/// is looked at twice a second.
package final class FileWatcher: Sendable {
    /// Unchecked, because Dispatch does not say so: a source may be cancelled from any thread.
    private struct Source: @unchecked Sendable {
        let source: any DispatchSourceRead
    }

    private static let pollInterval = Duration.milliseconds(500)

    private struct State {
        var stamp: FileStamp
        var source: Source?
        var polling: Task<Void, Never>?
        var settling: Task<Void, Never>?
    }

    private let path: String
    private let settlingTime: Duration
    private let state: Mutex<State>

    /// - Parameters:
    ///   - path: The file; it need not be there, its folder does.
    ///   - settling: How long to wait for the other events of an edit.
    package init(path: String, settling: Duration = .milliseconds(50)) {
        self.path = path
        settlingTime = settling
        state = Mutex(State(stamp: FileStamp(path)))
    }

    package func start(_ handler: @escaping @Sendable () -> Void) {
        if startNotifications(handler) {
            // What changed before the notifications began has sent none.
            look(handler)
            return
        }
        let polling = Task {
            while true {
                do { try await Task.sleep(for: Self.pollInterval) } catch { return }
                self.look(handler)
            }
        }
        state.withLock { $0.polling = polling }
    }

    package func stop() {
        state.withLock { state in
            state.source?.source.cancel()
            state.polling?.cancel()
            state.settling?.cancel()
            (state.source, state.polling, state.settling) = (nil, nil, nil)
        }
    }

    /// Waits for the other events of an edit, then looks.
    private func settle(_ handler: @escaping @Sendable () -> Void) {
        state.withLock { state in
            guard state.source != nil, state.settling == nil else { return }
            state.settling = Task {
                try? await Task.sleep(for: self.settlingTime)
                self.state.withLock { $0.settling = nil }
                if !Task.isCancelled { self.look(handler) }
            }
        }
    }

    /// Calls the handler if the file is not what it was: other files in its folder change too.
    private func look(_ handler: @Sendable () -> Void) {
        let stamp = FileStamp(path)
        let isNew = state.withLock { state in
            defer { state.stamp = stamp }
            return state.stamp != stamp
        }
        if isNew { handler() }
    }

    #if os(Linux)
        private func startNotifications(_ handler: @escaping @Sendable () -> Void) -> Bool {
            let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
            guard descriptor >= 0 else { return false }
            let mask = UInt32(
                IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB)
            let watched = Set([path, Self.resolved(path)].map(Self.folder))
            guard watched.allSatisfy({ inotify_add_watch(descriptor, $0, mask) >= 0 }) else {
                close(descriptor)
                return false
            }
            let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global(qos: .utility))
            source.setEventHandler { [weak self] in
                // Which file it was does not matter: the handler looks.
                var buffer = [UInt8](repeating: 0, count: 4096)
                while read(descriptor, &buffer, buffer.count) > 0 {}
                self?.settle(handler)
            }
            source.setCancelHandler { close(descriptor) }
            let started = Source(source: source)
            state.withLock { $0.source = started }
            source.resume()
            return true
        }
    #else
        private func startNotifications(_ handler: @escaping @Sendable () -> Void) -> Bool { false }
    #endif

    private static func folder(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

/// What tells one state of a file from another without reading it.
private struct FileStamp: Equatable, Sendable {
    private let parts: [Int]

    init(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            parts = []
            return
        }
        #if os(Linux)
            let time = status.st_mtim
        #else
            let time = status.st_mtimespec
        #endif
        parts = [time.tv_sec, time.tv_nsec, Int(status.st_size), Int(status.st_ino)]
    }
}
