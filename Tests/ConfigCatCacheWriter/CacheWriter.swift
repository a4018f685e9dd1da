import ConfigCatPlatform
import ConfigCatCache
import ConfigCatFileCache
import ConfigCatSQLiteCache

/// Writes values to a cache until it is killed, and prints the number of each value after it has been written.
///
///     CacheWriter file DIRECTORY FIRST
///     CacheWriter sqlite FILE FIRST
@main
enum CacheWriter {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let cache: any ConfigCache =
            arguments[1] == "sqlite" ? try .sqlite(path: arguments[2]) : try .file(directory: arguments[2])
        var number = Int(arguments[3]) ?? 0
        while true {
            number += 1
            // A whole value has the same number at both ends.
            let filler = String(repeating: "x", count: number * 7919 % 50_000)
            try await cache.write(for: "killed", value: "\(number) \(filler) \(number)")
            print(number)
            fflush(nil)
        }
    }
}
