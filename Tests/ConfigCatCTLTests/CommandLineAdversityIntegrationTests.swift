import ConfigCatCache
import ConfigCatFileCache
import Foundation
import ConfigCatTestSupport
import Testing

/// Signals and closed pipes while a command runs.
@Suite("Adversity: command line")
struct CommandLineAdversityIntegrationTests {
    @Test("SIGTERM ends a batch that waits for its next line")
    func batch() async throws {
        let cdn = try await ServedConfig(#"{"f":{"enabled":{"t":0,"v":{"b":true}}}}"#)
        var input: [Int32] = [0, 0]
        #expect(pipe(&input) == 0)
        defer { for descriptor in input { close(descriptor) } }
        let process = try ChildProcess(
            Tools.built("configcatctl"),
            [
                "evaluate", "--batch", "--sdk-key", "configcat-sdk-1/SHORT_LIVED_PROCE-0000/0000567890123456789012",
                "--base-url", cdn.url,
            ], input: input[0])
        let line = #"{"key":"enabled","default":false}"# + "\n"
        #expect(write(input[1], line, line.utf8.count) == line.utf8.count)
        #expect(try await process.line(1)?.contains("true") == true)
        process.signal(SIGTERM)
        await eventually("the process ends") { !process.isRunning }
    }

    @Test(
        "if the reader of the output has ended, the download is still cached and the lease released", arguments: [1, 2])
    func closedOutput(_ attempt: Int) async throws {
        let cdn = try await ServedConfig(#"{"f":{"enabled":{"t":0,"v":{"b":true}}}}"#)
        try await withFolder { folder in
            let cache = try FileConfigCache(directory: folder.path)
            var (missing, leased) = (0, 0)
            for run in 0..<20 {
                let number = String(run + 1000 * attempt)
                let sdkKey = "configcat-sdk-1/CLOSED_OUTPUT_ATT-\(number)/\(number)567890123456789012"
                let process = try ChildProcess(
                    tool: "sh",
                    [
                        "-c",
                        "'\(Tools.built("configcatctl").path)' evaluate enabled --sdk-key \(sdkKey) "
                            + "--base-url \(cdn.url) --cache file://\(folder.path) | true",
                    ])
                try await process.ended()
                // Some shells wait only for the last command of a pipeline.
                try await Task.sleep(for: .milliseconds(300))
                let key = CacheKey.key(forSDKKey: sdkKey)
                if try await cache.read(for: key) == nil { missing += 1 }
                if try await cache.acquireLease(for: key, token: "other", duration: .milliseconds(5000)) != .granted {
                    leased += 1
                }
            }
            #expect(missing == 0 && leased == 0, "\(missing) of 20 entries missing, \(leased) leases held")
        }
    }
}
