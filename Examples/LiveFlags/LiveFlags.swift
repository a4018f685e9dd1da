import ConfigCat
import ConfigCatCache
import ConfigCatEvaluation
import ConfigCatFileCache
import ConfigCatInMemoryCache
import ConfigCatRedisCache
import ConfigCatSQLiteCache
import Foundation
import Logging

/// A worker of a fleet. With a CDN, it downloads, and prints the values of three users whenever the config changes.
/// Without one, it is offline, reads the cache, and prints a line for each change.
///
///     LiveFlags CACHE SECONDS [BASE_URL]
@main
enum LiveFlags {
    /// Each setting is declared once, with its key, its type and its default value.
    static let newCheckout = FeatureFlag("newCheckout", defaultValue: false)
    static let searchEngine = FeatureFlag("searchEngine", defaultValue: "classic")
    static let maxUpload = FeatureFlag("maxUploadMegabytes", defaultValue: 25)
    static let discountRate = FeatureFlag("discountRate", defaultValue: 0.0)

    static let users: [(name: String, user: ConfigCatUser)] = [
        (
            "Jane, staff",
            ConfigCatUser(identifier: "jane", email: "jane@example.com", country: "GB", custom: ["Orders": 3])
        ),
        (
            "Péter, beta",
            ConfigCatUser(
                identifier: "peter", email: "peter@mail.test", country: "HU",
                custom: ["Groups": ["beta"], "AppVersion": "2.4.0", "Plan": "Pro", "Orders": 31])
        ),
        ("a visitor", ConfigCatUser(identifier: "visitor-7")),
    ]

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3, let seconds = Int(arguments[2]) else {
            print("usage: LiveFlags CACHE SECONDS [BASE_URL]")
            return
        }
        let cache = try open(arguments[1])
        let baseURL = arguments.count > 3 ? arguments[3] : nil
        let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/LIVE_FLAGS_EXAMPLE_001/LIVE_FLAGS_EXAMPLE_001") {
            options in
            options.configCache = cache
            options.baseUrl = baseURL ?? ""
            options.offline = baseURL == nil
            options.pollingMode = .autoPoll(interval: .seconds(1))
            // The visitor lacks most attributes on purpose; the warnings about them would hide the table.
            options.logLevel = .error
        }
        let end = Task {
            try await Task.sleep(for: .seconds(seconds))
            await client.shutdown()
        }
        // The sequence ends when the client is closed.
        for await change in client.configChanges {
            if baseURL == nil {
                let changed = change.changedKeys.joined(separator: ", ")
                print("  worker \(ProcessInfo.processInfo.processIdentifier), offline, from the cache: \(changed)")
                fflush(nil)
            } else {
                print("worker \(ProcessInfo.processInfo.processIdentifier), online:")
                let isFirst = change.changedKeys.count == change.config.keys.count
                show(change.snapshot, changed: isFirst ? [] : Set(change.changedKeys))
            }
        }
        try await end.value
    }

    /// Opens a cache. The rest of the program does not depend on its kind.
    private static func open(_ url: String) throws -> any ConfigCache {
        let path = url.drop { $0 != "/" }.dropFirst(2)
        if url.hasPrefix("file://") { return try .file(directory: String(path)) }
        if url.hasPrefix("sqlite://") { return try .sqlite(path: String(path)) }
        if url.hasPrefix("redis") { return try .redis(url) }
        return .inMemory()
    }

    /// Prints a table with a row for each setting and a column for each user.
    private static func show(_ flags: ConfigCatClientSnapshot, changed: Set<String>) {
        let rows: [(key: String, values: [String])] = [
            (newCheckout.key, users.map { flags.value(of: newCheckout, user: $0.user) ? "on" : "off" }),
            (searchEngine.key, users.map { flags.value(of: searchEngine, user: $0.user) }),
            (maxUpload.key, users.map { "\(flags.value(of: maxUpload, user: $0.user))" }),
            (discountRate.key, users.map { "\(flags.value(of: discountRate, user: $0.user))" }),
        ]
        print(line("", users.map(\.name), ""))
        for (key, values) in rows { print(line(key, values, changed.contains(key) ? "◀ changed" : "")) }
        fflush(nil)
    }

    private static func line(_ first: String, _ cells: [String], _ mark: String) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        return "  " + padded(first, 20) + cells.map { padded($0, 13) }.joined() + mark
    }
}
