import ConfigCat
import ConfigCatCache
import Synchronization

/// Publishes the config that a client downloads or gets from the shared cache.
final class ClientSource: ConfigSource {
    let client: ConfigCatClient
    private let config: ServedConfig
    private let task = Mutex<Task<Void, Never>?>(nil)
    /// Held while a snapshot is taken and published, so that the newest one is published last.
    private let publishing = Mutex(())

    init(client: ConfigCatClient, config: ServedConfig) {
        self.client = client
        self.config = config
        config.setHealth { [client] in client.health }
        config.setSynchronizer { [client] in
            let result = await client.forceRefresh()
            return ServedConfig.SyncResult(error: result.error)
        }
    }

    func start() async {
        let changes = client.configChanges
        let follow = Task { [weak self] in
            for await _ in changes { self?.publish() }
        }
        task.withLock { $0 = follow }
        client.start()
        _ = await client.waitForReady()
        publish()
    }

    func stop() async {
        task.withLock { $0 }?.cancel()
        await client.shutdown()
    }

    private func publish() {
        publishing.withLock { _ in
            let snapshot = client.snapshot()
            guard let upstream = snapshot.config else {
                return config.report(problem: "no config has been downloaded yet")
            }
            config.publish(upstream: upstream, at: snapshot.fetchTime)
        }
    }
}
