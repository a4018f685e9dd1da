import ConfigCatCache
import ConfigCatCacheTesting
import ConfigCatFileCache
import Foundation
import ConfigCatTestSupport
import Testing

@Suite("File cache")
struct FileCacheIntegrationTests {
    @Test("keeps the contract of caches", arguments: CacheContract.checks)
    func contract(_ check: CacheContract.Check) async throws {
        try await withFolder { folder in
            try await check.run { try FileConfigCache(directory: folder.path) }
        }
    }

    @Test("files have the mode 0600 and a created directory has 0700, whatever the umask")
    func permissions() async throws {
        try await withFolder { folder in
            let directory = folder.appending(path: "new").path
            let cache = try FileConfigCache(directory: directory)
            try await cache.write(for: "key", value: "value")
            #expect(mode(directory) == 0o700)
            #expect(mode(directory + "/key") == 0o600)
        }
    }

    @Test("a value is the whole content of one file, and writing it leaves no other file")
    func layout() async throws {
        try await withFolder { folder in
            let cache = try FileConfigCache(directory: folder.path)
            let key = "f83ba5d45bceb4bb704410f51b704fb6dfa19942"
            for value in ["first", "second"] { try await cache.write(for: key, value: value) }
            #expect(try files(folder) == [key])
            #expect(try String(contentsOf: folder.appending(path: key), encoding: .utf8) == "second")
        }
    }

    @Test("a file written by hand is read; reading a link, a folder or invalid UTF-8 throws")
    func foreignFiles() async throws {
        try await withFolder { folder in
            let cache = try FileConfigCache(directory: folder.path)
            try Data("1700000000000\n\"1\"\n{\"f\":{}}".utf8).write(to: folder.appending(path: "hand"))
            #expect(try await cache.read(for: "hand") == "1700000000000\n\"1\"\n{\"f\":{}}")
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending(path: "link").path, withDestinationPath: "/etc/hostname")
            try FileManager.default.createDirectory(
                at: folder.appending(path: "folder"), withIntermediateDirectories: false)
            try Data([0xFF, 0xFE]).write(to: folder.appending(path: "binary"))
            for key in ["link", "folder", "binary"] {
                await #expect(throws: FileCacheError.self) { try await cache.read(for: key) }
            }
        }
    }

    @Test("no key leads out of the directory")
    func keys() async throws {
        try await withFolder { folder in
            let inner = folder.appending(path: "inner")
            let cache = try FileConfigCache(directory: inner.path)
            for key in ["../outside", "/etc/outside", "..", ".", "a/b", "a\0b", "é"] {
                try await cache.write(for: key, value: key)
                #expect(try await cache.read(for: key) == key)
            }
            #expect(try files(folder) == ["inner"])
            #expect(try files(inner).count == 7)
            for key in ["", String(repeating: "x", count: 300)] {
                let error = await #expect(throws: FileCacheError.self) { try await cache.write(for: key, value: "x") }
                #expect(error?.code == .invalidKey)
            }
        }
    }

    @Test("an unusable path of the directory is refused with an error that names it")
    func invalidDirectories() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "file").path
            try Data().write(to: URL(filePath: file))
            for path in [file, file + "/below", folder.path + "/a/b"] {
                let error = #expect(throws: FileCacheError.self) { try FileConfigCache(directory: path) }
                #expect(error?.message.contains(path) == true)
            }
        }
    }

    @Test("old temporary files of crashed writers are removed, and those of running writers are not")
    func leftovers() async throws {
        try await withFolder { folder in
            let old = folder.appending(path: ".tmp-1").path
            let new = folder.appending(path: ".tmp-2").path
            let held = folder.appending(path: ".tmp-3").path
            for path in [old, new, held] { try Data("half".utf8).write(to: URL(filePath: path)) }
            for path in [old, held] {
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: path)
            }
            let writer = open(held, O_RDONLY)
            #expect(flock(writer, LOCK_EX) == 0)
            let cache = try FileConfigCache(directory: folder.path)
            #expect(try files(folder) == [".tmp-2", ".tmp-3"])
            close(writer)
            try await cache.write(for: "key", value: "value")
            #expect(try files(folder) == [".tmp-2", "key"])
        }
    }

    @Test(
        "a full or read-only file system has its own error code, and keeps the old value",
        .enabled(if: FullFileSystem.isAvailable, "needs to mount a small file system"))
    func full() async throws {
        try await withFolder { folder in
            let mounted = try FullFileSystem(at: folder)
            defer { mounted.remove() }
            let cache = try FileConfigCache(directory: folder.path + "/mnt")
            try await cache.write(for: "key", value: "small")
            let error = await #expect(throws: FileCacheError.self) {
                try await cache.write(for: "key", value: String(repeating: "x", count: 4 << 20))
            }
            #expect(error?.code == .full)
            #expect(try await cache.read(for: "key") == "small")
            try mounted.makeReadOnly()
            let readOnly = await #expect(throws: FileCacheError.self) { try await cache.write(for: "key", value: "x") }
            #expect(readOnly?.code == .readOnly)
            #expect(try await cache.read(for: "key") == "small")
        }
    }

    @Test("500 writers killed at random moments leave whole values only, and lose no finished write")
    func kills() async throws {
        try await withFolder { folder in
            try await KilledWriters.check("file", folder.path, try FileConfigCache(directory: folder.path))
        }
    }
}
