#if os(Linux)
    import Dispatch

    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif

    /// The inotify watches of a set of folders. It belongs to one queue.
    ///
    /// A watch is on a folder, not on its path: after the folder was moved, deleted or replaced, there has to be another.
    final class FolderEvents {
        private let descriptor: Int32
        private let source: any DispatchSourceRead

        private static let changes =
            IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB
        private static let ends = IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT

        /// Watches folders.
        ///
        /// - Parameters:
        ///   - folders: The folders.
        ///   - queue: Where the handler is called.
        ///   - open: Is entered for as long as a descriptor is open.
        ///   - onEvent: Called after something changed in the folders, with whether a watch ended.
        /// - Returns: Nil if there are no watches left, or a folder has gone meanwhile.
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

        /// Reads all events, and returns whether one says that a watch ended. Which file it was does not matter.
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
