package import ConfigCat
package import ConfigCatCache
import Foundation
import Logging
import Synchronization

/// Configs with one setting, `number`, and clients for them.
package enum NumberConfig {
    package static func json(_ number: Int) -> String {
        #"{"p":{"s":"salt"},"f":{"number":{"t":2,"v":{"i":\#(number)},"i":"é"}}}"#
    }

    package static func randomKey() -> String {
        func part() -> String {
            String((0..<22).map { _ in "abcdefghijklmnopqrstuvwxyz0123456789".randomElement() ?? "a" })
        }
        return "configcat-sdk-1/\(part())/\(part())"
    }

    /// Returns a client that polls every second, or an offline one if the CDN's URL is nil.
    package static func client(
        _ cache: any ConfigCache, cdn: String?, sdkKey: String, log: EventLog = EventLog()
    ) throws -> ConfigCatClient {
        try openClient(sdkKey: sdkKey) { options in
            options.configCache = cache
            options.baseUrl = cdn ?? ""
            options.offline = cdn == nil
            options.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: 1)
            options.logger = Logger(label: "test") { _ in log }
        }
    }
}

extension ConfigCatClient {
    package var number: Int { get async { await getValue(for: "number", defaultValue: -1) } }
}
