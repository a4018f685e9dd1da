import ConfigCat
import ConfigCatCache
import ConfigCatFileCache
import ConfigCatSQLiteCache
import ConfigCatTestSupport
import Foundation
import Testing

/// A real process with a service group, which is ended by SIGTERM. Its exit code is 3 if that takes too long.
@Suite("Service process", .cleanup)
struct SignalIntegrationTests {
    /// A running process, its CDN, and the cache that it shares with the test.
    private struct Server {
        let cdn: TestCDN
        let process: ChildProcess
        let folder: URL
        let cachePath: String

        init(_ answer: TestCDN.Answer, cache: String, interval: Int, in folder: URL) async throws {
            cdn = try await TestCDN(answer)
            self.folder = folder
            cachePath = folder.appending(path: cache).path
            if !cache.hasSuffix(".db") {
                try FileManager.default.createDirectory(atPath: cachePath, withIntermediateDirectories: true)
            }
            process = try ChildProcess(
                Tools.built("ConfigCatServiceProcess"),
                [cdn.url, testKey, cachePath, "\(interval)", folder.appending(path: "gate").path])
        }

        /// Lets the process answer the requests in flight.
        func openGate(_ text: String = "") throws {
            try Data(text.utf8).write(to: folder.appending(path: "gate"), options: .atomic)
        }

        func prints(_ line: String) async {
            await eventually("the process prints '\(line)': \(process.output)\(process.errors)") {
                process.lines.contains(line) || !process.isRunning
            }
            #expect(process.lines.contains(line))
        }

        /// Checks that the client has ended completely: it is closed, its config is in the cache, its lease is free.
        func checkEnd(number: Int?) async throws {
            #expect(try await process.ended() == 0, "\(process.output)\(process.errors)")
            #expect(process.lines.last == "client closed true")
            let cache: any LeasingConfigCache & ClosableConfigCache =
                cachePath.hasSuffix(".db")
                ? try SQLiteConfigCache(path: cachePath) : try FileConfigCache(directory: cachePath)
            let key = CacheKey.key(forSDKKey: testKey)
            let entry = try await cache.read(for: key).map { try CacheEntry(serialized: $0) }
            #expect(entry?.configJSON == number.map { TestConfig.json($0) })
            let lease = try await cache.acquireLease(for: key, token: "test", duration: .seconds(5))
            #expect(lease == .granted)
            await cache.close()
        }
    }

    @Test(
        "SIGTERM: requests in flight are answered, the last write is in the cache, the lease is free",
        arguments: ["flags.db", "flags"])
    func sigterm(cache: String) async throws {
        try await withFolder { folder in
            let server = try await Server(TestConfig.answer(1), cache: cache, interval: 3600, in: folder)
            for number in 1...3 { await server.prints("began \(number)") }
            server.cdn.set(TestConfig.answer(2))
            server.process.signal(SIGTERM)
            await server.prints("shutting down")
            try server.openGate("refresh")
            try await server.checkEnd(number: 2)
            for number in 1...3 {
                #expect(server.process.lines.contains("answered \(number): 2, refreshed true, closed false"))
            }
        }
    }

    @Test("a second SIGTERM changes nothing")
    func secondSigterm() async throws {
        try await withFolder { folder in
            let server = try await Server(TestConfig.answer(1), cache: "flags.db", interval: 3600, in: folder)
            for number in 1...3 { await server.prints("began \(number)") }
            server.process.signal(SIGTERM)
            await server.prints("shutting down")
            server.process.signal(SIGTERM)
            try server.openGate()
            try await server.checkEnd(number: 1)
            #expect(server.process.lines.count { $0.hasPrefix("answered") } == 3)
        }
    }

    @Test("SIGTERM during start-up ends the wait for the first config, also if the CDN does not answer")
    func sigtermDuringStart() async throws {
        try await withFolder { folder in
            let server = try await Server(.stall, cache: "flags.db", interval: 3600, in: folder)
            await server.prints("starting")
            // The client has the lease as long as its download is in flight.
            await eventually("the client downloads") { !server.cdn.requests.isEmpty }
            server.process.signal(SIGTERM)
            await server.prints("ready noFlagData")
            try await server.checkEnd(number: nil)
        }
    }

    @Test("a CDN that does not answer does not delay the end")
    func stallingCDN() async throws {
        try await withFolder { folder in
            let server = try await Server(TestConfig.answer(1), cache: "flags.db", interval: 1, in: folder)
            for number in 1...3 { await server.prints("began \(number)") }
            server.cdn.set(.stall)
            let requests = server.cdn.requests.count
            await eventually("a poll is in flight") { server.cdn.requests.count > requests }
            server.process.signal(SIGTERM)
            await server.prints("shutting down")
            try server.openGate()
            try await server.checkEnd(number: 1)
            #expect(server.process.lines.contains("answered 2: 1, refreshed false, closed false"))
        }
    }
}
