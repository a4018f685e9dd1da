package import ConfigCatCache
import Foundation
import Testing

/// Processes that write until they are killed.
package enum KilledWriters {
    /// Kills 500 writers at random moments. Checks after each that the value is complete, and not older than the last one
    /// that a writer reported as written.
    package static func check(_ kind: String, _ path: String, _ cache: any ConfigCache) async throws {
        var acknowledged = 0
        for _ in 0..<500 {
            let first = acknowledged
            let last = try await run(kind, path, first: first, seconds: .random(in: 0...0.02))
            acknowledged = max(acknowledged, last)
            guard let value = try await cache.read(for: "killed") else {
                #expect(acknowledged == 0)
                continue
            }
            let parts = value.split(separator: " ", omittingEmptySubsequences: false)
            let number = Int(parts.first ?? "") ?? -1
            let isWhole = parts.count == 3 && parts[0] == parts[2] && parts[1].utf8.count == number * 7919 % 50_000
            #expect(isWhole && number >= acknowledged)
            acknowledged = max(acknowledged, number)
        }
        #expect(acknowledged > 0)
    }

    /// Runs a writer for some seconds, kills it, and returns the last number that it reported as written.
    private static func run(_ kind: String, _ path: String, first: Int, seconds: Double) async throws -> Int {
        let process = try ChildProcess(Tools.built("ConfigCatCacheWriter"), [kind, path, "\(first)"])
        try await Task.sleep(for: .seconds((seconds + 0.004) * patience))
        try await process.end(SIGKILL)
        // The last line may be incomplete if it has no line break.
        return process.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().last.flatMap {
            Int($0)
        }
            ?? first
    }
}
