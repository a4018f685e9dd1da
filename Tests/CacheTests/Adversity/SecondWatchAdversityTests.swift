import ConfigCat
import ConfigCatCache
import ConfigCatFileCache
import Foundation
import Logging
import TestSupport
import Testing

#if os(Linux)
    /// What is left of the watching of a cache when a client was shut down.
    @Suite("Second adversity: watches")
    struct SecondWatchAdversityTests {
        /// How many inotify descriptors of this process watch a folder.
        private func watches(of path: String) -> Int {
            var status = stat()
            guard stat(path, &status) == 0 else { return 0 }
            let inode = "ino:" + String(status.st_ino, radix: 16) + " "
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fdinfo")) ?? []
            return names.count { name in
                (try? String(contentsOfFile: "/proc/self/fdinfo/\(name)", encoding: .utf8))?.contains(inode) ?? false
            }
        }

        @Test("when a shutdown returns, the client does not watch the files of its cache any more")
        func cacheFiles() async throws {
            try await withFolder { folder in
                let cache = try FileConfigCache(directory: folder.path)
                var left = 0
                for round in 10..<60 {
                    var options = ConfigCatOptions()
                    options.configCache = cache
                    options.offline = true
                    options.logLevel = .critical
                    let client = try ConfigCatClient.get(
                        sdkKey: "configcat-sdk-1/SECOND_ATTACK_WATCH\(round)0/0000567890123456789012", options: options)
                    await client.waitForReady()
                    await eventually("the folder is watched") { watches(of: folder.path) > 0 }
                    await client.shutdown()
                    left += watches(of: folder.path)
                    await eventually("nothing is watched") { watches(of: folder.path) == 0 }
                }
                #expect(left == 0, "descriptors after 50 shutdowns")
                await cache.close()
            }
        }
    }
#endif
