import ConfigCatCache
import Foundation
import Synchronization
import ConfigCatTestSupport
import Testing

@Suite("File watcher")
struct FileWatcherIntegrationTests {
    /// Watches a file, and records its content whenever the handler is called.
    private final class Reader: Sendable {
        let watcher: FileWatcher
        private let path: String
        private let seen = Mutex<[String?]>([])

        init(_ path: String) {
            self.path = path
            watcher = FileWatcher(path: path)
        }

        func start() {
            watcher.start { [weak self] in
                guard let self else { return }
                let text = try? String(contentsOfFile: path, encoding: .utf8)
                seen.withLock { $0.append(text) }
            }
        }

        func sees(_ text: String?) -> Bool { seen.withLock { $0.last == .some(text) } }
        var calls: Int { seen.withLock(\.count) }
    }

    private func write(_ text: String, _ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    @Test("a folder that is replaced by a rename is reported, and so are later edits in the new one")
    func renamedFolder() async throws {
        try await withFolder { folder in
            let current = folder.path + "/current"
            try write("1", current + "/flags")
            let reader = Reader(current + "/flags")
            reader.start()
            try write("2", folder.path + "/next/flags")
            #expect(rename(current, folder.path + "/old") == 0)
            #expect(rename(folder.path + "/next", current) == 0)
            await eventually("the new folder's file is seen") { reader.sees("2") }
            for text in ["3", "4"] {
                try write(text, current + "/flags")
                await eventually("an edit in the new folder is seen") { reader.sees(text) }
            }
            reader.watcher.stop()
        }
    }

    @Test("a link that is moved to another folder is followed each time")
    func movedLink() async throws {
        try await withFolder { folder in
            for text in ["1", "2", "3"] { try write(text, folder.path + "/release-\(text)/flags") }
            let current = folder.path + "/current"
            try FileManager.default.createSymbolicLink(atPath: current, withDestinationPath: "release-1")
            let reader = Reader(current + "/flags")
            reader.start()
            for text in ["2", "3"] {
                try FileManager.default.createSymbolicLink(
                    atPath: current + ".new", withDestinationPath: "release-\(text)")
                #expect(rename(current + ".new", current) == 0)
                await eventually("the link is followed") { reader.sees(text) }
            }
            try write("edited", folder.path + "/release-3/flags")
            await eventually("an edit in the linked folder is seen") { reader.sees("edited") }
            reader.watcher.stop()
        }
    }

    @Test("a folder that is deleted and created again is watched again, however often", arguments: [true, false])
    func deletedFolder(isThereAtStart: Bool) async throws {
        try await withFolder { folder in
            let path = folder.path + "/sub/flags"
            if isThereAtStart { try write("0", path) }
            let reader = Reader(path)
            reader.start()
            for text in ["1", "2", "3"] {
                try write(text, path)
                await eventually("the file is seen") { reader.sees(text) }
                try FileManager.default.removeItem(atPath: folder.path + "/sub")
                await eventually("its removal is seen") { reader.sees(nil) }
            }
            reader.watcher.stop()
        }
    }

    @Test("a watcher that is stopped before it starts, or while it does, never starts and leaves no descriptor")
    func stopped() async throws {
        try await withFolder { folder in
            let path = folder.path + "/flags"
            try write("1", path)
            let early = (0..<50).map { _ in Reader(path) }
            for reader in early {
                reader.watcher.stop()
                reader.start()
            }
            let racing = (0..<50).map { _ in Reader(path) }
            await withTaskGroup(of: Void.self) { group in
                for reader in racing {
                    group.addTask { reader.start() }
                    group.addTask { reader.watcher.stop() }
                }
            }
            // A check that has begun continues, and may call the handler.
            await FileWatcher.waitUntilStopped(atMost: .seconds(60))
            let (earlyCalls, racingCalls) = (early.map(\.calls), racing.map(\.calls))
            // A running watcher has seen this, and so would stopped watchers if they were running.
            let control = Reader(path)
            control.start()
            try write("2", path)
            await eventually("the control watcher sees the change") { control.sees("2") }
            #expect(early.map(\.calls) == earlyCalls && racing.map(\.calls) == racingCalls)
            control.watcher.stop()
            await eventually("no watch is left on the folder") { inotifyWatches(on: folder.path) == 0 }
        }
    }

    @Test("a watcher that is freed leaves no descriptor")
    func released() async throws {
        try await withFolder { folder in
            let path = folder.path + "/flags"
            try write("1", path)
            do {
                let reader = Reader(path)
                reader.start()
                try write("2", path)
                await eventually("the watcher runs") { reader.sees("2") }
            }
            await eventually("no watch is left on the folder") { inotifyWatches(on: folder.path) == 0 }
        }
    }
}
