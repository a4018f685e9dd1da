import ConfigCatFileCache

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes to a cache until it is killed, and prints the number of each value once it is written.
///
///     CacheWriter file DIRECTORY FIRST
@main
enum CacheWriter {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let cache = try FileConfigCache(directory: arguments[2])
        var number = Int(arguments[3]) ?? 0
        while true {
            number += 1
            // The number at both ends shows whether a value is whole.
            let filler = String(repeating: "x", count: number * 7919 % 50_000)
            try await cache.write(for: "killed", value: "\(number) \(filler) \(number)")
            print(number)
            fflush(nil)
        }
    }
}
