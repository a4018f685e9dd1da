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

    /// Several events come with one edit; they are waited for.
    private static let settling = Duration.milliseconds(50)
    private static let pollInterval = Duration.milliseconds(500)

    private let path: String
    private let source = Mutex<Source?>(nil)
    private let tasks = Mutex<(polling: Task<Void, Never>?, pending: Task<Void, Never>?)>((nil, nil))

    package init(path: String) {
        self.path = path
    }

    package func start(_ handler: @escaping @Sendable () -> Void) {
        if !startNotifications(handler) { startPolling(handler) }
    }

    package func stop() {
        source.withLock { source in
            source?.source.cancel()
            source = nil
        }
        tasks.withLock { tasks in
            tasks.polling?.cancel()
            tasks.pending?.cancel()
            tasks = (nil, nil)
        }
    }

    private func settle(_ handler: @escaping @Sendable () -> Void) {
        tasks.withLock { tasks in
            guard tasks.pending == nil else { return }
            tasks.pending = Task {
                try? await Task.sleep(for: Self.settling)
                self.tasks.withLock { $0.pending = nil }
                if !Task.isCancelled { handler() }
            }
        }
    }

    private func startPolling(_ handler: @escaping @Sendable () -> Void) {
        let path = path
        let task = Task {
            var last = FileStamp(path)
            while true {
                do { try await Task.sleep(for: Self.pollInterval) } catch { return }
                let stamp = FileStamp(path)
                if stamp != last { handler() }
                last = stamp
            }
        }
        tasks.withLock { $0.polling = task }
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
            source.resume()
            let started = Source(source: source)
            self.source.withLock { $0 = started }
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
private struct FileStamp: Equatable {
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
