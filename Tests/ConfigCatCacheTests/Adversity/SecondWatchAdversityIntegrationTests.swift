import ConfigCat
import ConfigCatCache
import ConfigCatFileCache
import Foundation
import Logging
import ConfigCatTestSupport
import Testing

#if os(Linux)
    /// The file watches of a cache after a client was shut down.
    @Suite("Second adversity: watches", .cleanup)
    struct SecondWatchAdversityIntegrationTests {
        @Test("when a shutdown returns, the client no longer watches the files of its cache")
        func cacheFiles() async throws {
            try await withFolder { folder in
                let cache = try FileConfigCache(directory: folder.path)
                var left = 0
                for round in 10..<60 {
                    var options = ConfigCatOptions()
                    options.configCache = cache
                    options.offline = true
                    options.logLevel = .critical
                    let client = try openClient(
                        sdkKey: "configcat-sdk-1/SECOND_ATTACK_WATCH\(round)0/0000567890123456789012", options: options)
                    await client.waitForReady()
                    await eventually("the folder is watched") { inotifyWatches(on: folder.path) > 0 }
                    await client.shutdown()
                    left += inotifyWatches(on: folder.path)
                    await eventually("nothing is watched") { inotifyWatches(on: folder.path) == 0 }
                }
                #expect(left == 0, "descriptors after 50 shutdowns")
                await cache.close()
            }
        }
    }
#endif
