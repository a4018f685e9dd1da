import Synchronization

/// The signing keys of webhooks by the ID of their config. They can change while the server runs.
final class WebhookKeys: Sendable {
    private let keys: Mutex<[String: [String]]>

    init(_ keys: [String: [String]]) { self.keys = Mutex(keys) }

    subscript(id: String) -> [String] { keys.withLock { $0[id] ?? [] } }

    func replace(with new: [String: [String]]) { keys.withLock { $0 = new } }
}
