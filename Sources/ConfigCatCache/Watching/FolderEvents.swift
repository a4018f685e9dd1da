#if os(Linux)
    import Dispatch

    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif

    /// The inotify watches of a set of folders. An instance is used on one queue only.
    ///
    /// A watch belongs to a folder, not to its path: after a folder is moved, deleted or replaced, a new watch is
    /// needed.
    final class FolderEvents {
        private let descriptor: Int32
        private let source: any DispatchSourceRead

        private static let changes =
            IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB
        private static let ends = IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT

        /// Watches folders. The result is nil if the system allows no more watches, or a folder has been deleted in the
        /// meantime.
        ///
        /// - Parameters:
        ///   - folders: The folders.
        ///   - queue: The queue on which the handler is called.
        ///   - open: A group that is entered while a descriptor is open.
        ///   - onEvent: Called after changes in the folders, with whether a watch has ended.
        init?(
            _ folders: [WatchedFolders.Folder], queue: DispatchQueue, open: DispatchGroup,
            onEvent: @escaping @Sendable (Bool) -> Void
        ) {
            let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
            guard descriptor >= 0 else { return nil }
            let mask = UInt32(Self.changes | IN_DELETE_SELF | IN_MOVE_SELF)
            guard folders.allSatisfy({ inotify_add_watch(descriptor, $0.path, mask) >= 0 }) else {
                close(descriptor)
                return nil
            }
            self.descriptor = descriptor
            source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
            source.setEventHandler { onEvent(Self.drain(descriptor)) }
            open.enter()
            source.setCancelHandler {
                close(descriptor)
                open.leave()
            }
            source.resume()
        }

        deinit { source.cancel() }

        /// Reads all events, and returns whether one says that a watch has ended. The names of files are ignored.
        private static func drain(_ descriptor: Int32) -> Bool {
            var hasEnded = false
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
                buffer.withUnsafeBytes { bytes in
                    var offset = 0
                    while offset + MemoryLayout<inotify_event>.size <= count {
                        let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                        if event.mask & UInt32(Self.ends) != 0 { hasEnded = true }
                        offset += MemoryLayout<inotify_event>.size + Int(event.len)
                    }
                }
            }
            return hasEnded
        }
    }
#endif
