/// What publishes the config of a ``ServedConfig``.
protocol ConfigSource: Sendable {
    /// Starts to publish. When this method returns, the first config was published, or a problem reported.
    func start() async
    /// Stops to publish, and frees everything.
    func stop() async
}
