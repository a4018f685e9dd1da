import ConfigCat
import ConfigCatEvaluation
import Foundation
import Logging

/// Follows a config and shows what three users get, whenever it changes.
///
///     LiveFlags BASE_URL SECONDS
@main
enum LiveFlags {
    /// Each setting is declared once: its key, its type, and what to do without it.
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
        guard arguments.count == 3, let seconds = Int(arguments[2]) else {
            print("usage: LiveFlags BASE_URL SECONDS")
            return
        }
        let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/LIVE_FLAGS_EXAMPLE_001/LIVE_FLAGS_EXAMPLE_001") {
            options in
            options.baseUrl = arguments[1]
            options.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: 1)
            // The visitor lacks most attributes on purpose; a warning for each would bury the table.
            options.logLevel = .error
        }
        let changes = client.configChanges
        let state = await client.waitForReady()
        print("ready: \(state)")
        show(client.snapshot(), changed: [])
        let end = Task {
            try await Task.sleep(for: .seconds(seconds))
            client.close()
        }
        // The sequence ends when the client is closed.
        for await change in changes where change.changedKeys.count < change.config.keys.count {
            print("\nchanged: \(change.changedKeys.joined(separator: ", "))")
            show(change.snapshot, changed: Set(change.changedKeys))
        }
        try await end.value
    }

    /// A table: a row for each setting, a column for each user.
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
