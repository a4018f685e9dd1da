import ConfigCat
import ConfigCatRedisCache

#if canImport(FoundationEssentials)
    import FoundationEssentials
    import Glibc
#else
    import Foundation
#endif

/// Evaluates a flag after each change of the config in Redis, and prints the CPU time of the process since the change
/// before, in microseconds, and then its private memory in kB.
///
///     FollowChanges redis://127.0.0.1:6379
@main
enum FollowChanges {
    static func main() async throws {
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self)
        let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/BENCHMARK_012345678901/FOLLOW_CHANGES_0123456") {
            options in
            options.configCache = try .redis(CommandLine.arguments[1])
            options.offline = true
            _ = options.hooks.addOnConfigChanged { _ in continuation.yield() }
        }
        _ = await client.waitForReady()
        var before = processorTime()
        for await _ in changes {
            _ = await client.getValue(for: "featureSearch0005Enabled", defaultValue: false)
            // What follows an evaluation, such as freeing the old config, belongs to the change too.
            try await Task.sleep(for: .milliseconds(50))
            let now = processorTime()
            print(now - before, privateMemory())
            fflush(nil)
            before = processorTime()
        }
    }

    private static func processorTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }

    private static func privateMemory() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/smaps_rollup", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").filter { $0.hasPrefix("Private_") && !$0.hasPrefix("Private_Hugetlb") }
            .compactMap { Int($0.filter(\.isNumber)) }.reduce(0, +)
    }
}
