import ConfigCat
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
            process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
                .appending(path: "FollowChanges")
            let flag = try Config(json: document).settings.first { $0.type == .bool }?.key ?? ""
            process.arguments = [url, flag]
            try process.run()
            try await Task.sleep(for: .seconds(1))
            let idle = privateMemory(of: process)
            var times: [Double] = []
            for number in 0..<31 {
                // White space changes the document and not its meaning.
                let text = String(decoding: document, as: UTF8.self) + String(repeating: " ", count: number)
                let entry = CacheEntry(
                    fetchTime: try await cache.readHeader(for: key).storeTime, eTag: "\"\(name) \(number)\"",
                    configJSON: text)
                let before = processorTime(of: process)
                _ = try await cache.write(entry, replacing: nil, for: key)
                try await Task.sleep(for: .milliseconds(150))
                times.append(processorTime(of: process) - before)
            }
            print(
                String(
                    format: "a change in Redis, config of %@: CPU time %.2f ms, private memory %.1f MB, at first %.1f",
                    name, times.sorted()[times.count / 2], privateMemory(of: process), idle))
            process.terminate()
            process.waitUntilExit()
        }
    }

    /// Returns the time that all threads of a process have run, in milliseconds. Unlike the clock of the process itself, it
    /// costs that process nothing to read it.
    private static func processorTime(of process: Process) -> Double {
        let folder = "/proc/\(process.processIdentifier)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return threads.reduce(0) { total, thread in
            let text = (try? String(contentsOfFile: "\(folder)/\(thread)/schedstat", encoding: .utf8)) ?? ""
            return total + (text.split(separator: " ").first.flatMap { Double($0) } ?? 0) / 1_000_000
        }
    }

    /// Returns the memory that a process shares with no other, in MB.
    private static func privateMemory(of process: Process) -> Double {
        let path = "/proc/\(process.processIdentifier)/smaps_rollup"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").filter { $0.hasPrefix("Private_") && !$0.hasPrefix("Private_Hugetlb") }
            .compactMap { Double($0.filter(\.isNumber)) }.reduce(0, +) / 1024
    }
}
