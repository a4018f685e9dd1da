import ConfigCatCache
import ConfigCatRedisCache
import Foundation

/// Measures the CPU time that a change of the config in Redis costs a process, until it has evaluated a flag.
enum ChangeBenchmark {
    static func run(_ documents: Documents) async throws {
        guard let server = BenchmarkRedis() else { return print("change: redis-server is not installed") }
        let url = "redis://127.0.0.1:\(server.port)"
        let cache: RedisConfigCache = try .redis(url)
        let key = CacheKey.key(forSDKKey: "configcat-sdk-1/BENCHMARK_012345678901/FOLLOW_CHANGES_0123456")
        defer { server.stop() }
        // The smallest document shows what a change costs apart from its config.
        for (name, document) in [("1 setting", documents.w1), ("144 kB", documents.w6), ("3.3 MB", documents.w7)] {
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
                .appending(path: "FollowChanges")
            process.arguments = [url]
            process.standardOutput = output
            try process.run()
            try await Task.sleep(for: .seconds(1))
            for number in 0..<31 {
                // White space changes the document and not its meaning.
                let text = String(decoding: document, as: UTF8.self) + String(repeating: " ", count: number)
                _ = try await cache.write(
                    CacheEntry(
                        fetchTime: try await cache.readHeader(for: key).storeTime, eTag: "\"\(name) \(number)\"",
                        configJSON: text),
                    replacing: nil, for: key)
                try await Task.sleep(for: .milliseconds(150))
            }
            process.terminate()
            let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                .split(separator: "\n").dropFirst().map { $0.split(separator: " ").compactMap { Double($0) } }
                .filter { $0.count == 2 }
            func median(_ column: Int) -> Double {
                let values = lines.map { $0[column] }.sorted()
                return values.isEmpty ? .nan : values[values.count / 2]
            }
            print(
                String(
                    format: "a change in Redis, config of %@: CPU time %.2f ms, private memory %.1f MB (%d changes)",
                    name, median(0) / 1000, median(1) / 1024, lines.count))
        }
    }
}
