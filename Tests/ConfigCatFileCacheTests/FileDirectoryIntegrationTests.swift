import ConfigCatCache
import ConfigCatCacheTesting
import ConfigCatFileCache
import Foundation
import ConfigCatTestSupport
import Testing

@Suite("Directory of a file cache")
struct FileDirectoryIntegrationTests {
    @Test("the next write creates a deleted directory again, with the mode 0700")
    func deleted() async throws {
        try await withFolder { folder in
            let directory = folder.appending(path: "cache").path
            let cache = try FileConfigCache(directory: directory)
            for number in 0..<3 {
                try await cache.write(for: "key", value: "\(number)")
                #expect(try await cache.read(for: "key") == "\(number)")
                #expect(mode(directory) == 0o700)
                try FileManager.default.removeItem(atPath: directory)
                #expect(try await cache.read(for: "key") == nil)
                try await cache.remove(for: "key")
                #expect(!FileManager.default.fileExists(atPath: directory))
            }
        }
    }

    @Test("if the parent of the directory is deleted, writes throw an error that names the directory, and reads do not")
    func deletedParent() async throws {
        try await withFolder { folder in
            let parent = folder.appending(path: "parent").path
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: false)
            let cache = try FileConfigCache(directory: parent + "/cache")
            try FileManager.default.removeItem(atPath: parent)
            #expect(try await cache.read(for: "key") == nil)
            let error = await #expect(throws: FileCacheError.self) { try await cache.write(for: "key", value: "x") }
            #expect(error?.message.contains(parent + "/cache") == true)
            #expect(!FileManager.default.fileExists(atPath: parent))
        }
    }

    @Test("after the directory is deleted, leases, ordered writes, timestamp refreshes and change signals work")
    func fleet() async throws {
        try await withFolder { folder in
            let directory = folder.path + "/cache"
            let cache = try FileConfigCache(directory: directory)
            let changes = cache.changes(for: "key")
            try FileManager.default.removeItem(atPath: directory)
            #expect(try await cache.readHeader(for: "key").content == .absent)
            #expect(try await cache.acquireLease(for: "key", token: "a", duration: .milliseconds(5000)) == .granted)
            #expect(try await cache.write(eTag: "1", configJSON: "{}", age: 1000, for: "key") == .written)
            #expect(try await cache.refreshTimestamp(eTag: "1", for: "key") == .written)
            try FileManager.default.removeItem(atPath: directory)
            #expect(try await cache.write(eTag: "2", configJSON: "{}", for: "key") == .written)
            try await cache.releaseLease(for: "key", token: "a")
            // A pending signal may belong to earlier changes. Wait for one after it.
            var iterator = changes.makeAsyncIterator()
            _ = await iterator.next()
            let reported = Task {
                var iterator = changes.makeAsyncIterator()
                _ = await iterator.next()
            }
            let writer = Task {
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(700))
                    _ = try await cache.write(eTag: "3", configJSON: "{}", for: "key")
                }
            }
            await reported.value
            writer.cancel()
        }
    }

    @Test("the cache still works after another process has deleted the directory again and again")
    func race() async throws {
        try await withFolder { folder in
            let directory = folder.appending(path: "cache").path
            let cache = try FileConfigCache(directory: directory)
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        for _ in 0..<50 { try? await cache.write(for: "key-\(writer)", value: "value") }
                    }
                }
                group.addTask {
                    for _ in 0..<50 {
                        try? FileManager.default.removeItem(atPath: directory)
                        await Task.yield()
                    }
                }
            }
            try await cache.write(for: "key", value: "value")
            #expect(try await cache.read(for: "key") == "value")
        }
    }
}
