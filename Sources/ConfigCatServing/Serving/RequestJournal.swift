import Synchronization

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Which SDKs have asked for a config lately, and which version they have.
package final class RequestJournal: Sendable {
    /// An SDK at one address.
    package struct Client: Sendable, Equatable {
        /// The SDK and its version, such as `ConfigCat-Python/9.0.3`; nil if it does not say.
        package var sdk: String?
        package var address: String
        package var lastSeen: Date
        /// The status of the last response.
        package var status: Int
        /// The number of the version that it has; nil if it has none.
        package var version: Int?
        package var requests: Int
    }

    private struct Key: Hashable {
        var sdk: [UInt8]
        var address: [UInt8]
    }

    private struct State {
        var clients: [Key: Client] = [:]
        var hasChanged = false

        mutating func removeOldest() {
            if let oldest = clients.min(by: { $0.value.lastSeen < $1.value.lastSeen }) { clients[oldest.key] = nil }
        }
    }

    /// How long a client stays in the journal, in seconds.
    private static let age: TimeInterval = 600
    private static let limit = 1_000
    private static let nameLimit = 100

    private let state = Mutex(State())

    package init() {}

    /// The clients of the last ten minutes, the latest first.
    package func clients(now: Date = Date()) -> [Client] {
        state.withLock { $0.clients.values.filter { now.timeIntervalSince($0.lastSeen) < Self.age } }
            .sorted { $0.lastSeen > $1.lastSeen }
    }

    /// Records a response.
    package func record(sdk: String?, address: String, status: Int, version: Int?, now: Date = Date()) {
        let sdk = sdk.map { String(decoding: $0.utf8.prefix(Self.nameLimit), as: UTF8.self) }
        let key = Key(sdk: Array((sdk ?? "").utf8), address: Array(address.utf8))
        state.withLock { state in
            state.hasChanged = true
            var client = state.clients[key] ?? Client(sdk: sdk, address: address, lastSeen: now, status: 0, requests: 0)
            client.lastSeen = now
            client.status = status
            client.version = version
            client.requests &+= 1
            if state.clients[key] == nil, state.clients.count >= Self.limit { state.removeOldest() }
            state.clients[key] = client
        }
    }

    /// Returns whether there were requests since the last call.
    package func takeChange() -> Bool {
        state.withLock { state in
            defer { state.hasChanged = false }
            return state.hasChanged
        }
    }
}
