import ConfigCat

// All of Foundation, with its tables of languages, would be 10 MB of the memory that is measured.
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Evaluates one flag of a config that is downloaded from the given base URL, and prints it with the peak memory in kB.
@main
enum FirstValue {
    static func main() async throws {
        let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/BENCHMARK_012345678901/FIRST_VALUE_0123456789") {
            options in
            options.baseUrl = CommandLine.arguments[1]
        }
        let value = await client.getAllKeys().count
        // getrusage is not used, because its peak starts with that of the parent process.
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }?.filter(\.isNumber) ?? "0"
        print(value, peak)
        client.close()
    }
}
