#if ServiceLifecycle
    public import ServiceLifecycle
    import Synchronization

    extension ConfigCatClient: Service {
        /// Runs the client as a service: waits for the graceful shutdown of its service group, and then closes the client
        /// as ``shutdown()`` does.
        ///
        ///     let group = ServiceGroup(services: [client, server], gracefulShutdownSignals: [.sigterm], logger: logger)
        ///     try await group.run()
        ///
        /// Put the client before the services that evaluate settings: a group shuts down its services in reverse order, so
        /// these end first. The client works whether or not it runs as a service; this method only decides when it closes.
        ///
        /// If the task is cancelled before the graceful shutdown, the method closes the client too, and waits for that
        /// just as long. If the task is cancelled while the client closes, because the graceful shutdown takes longer than
        /// the group allows, the method returns at once. Closing the client does not end the method.
        ///
        /// - Throws: ``ConfigCatError`` with the code `alreadyRunning` if the method was called before, or `clientClosed`
        ///   if the client is closed. Both are programming errors, which end a service group before it serves requests.
        public func run() async throws {
            guard !hasRun.exchange(true, ordering: .acquiringAndReleasing) else {
                throw ConfigCatError(
                    code: .alreadyRunning,
                    message: "run() was called twice on the same client; add the client to one service group, once")
            }
            guard !health.isClosed else {
                throw ConfigCatError(
                    code: .clientClosed,
                    message: "run() was called on a client that is closed; create a new client with ConfigCatClient.get"
                )
            }
            do {
                try await gracefulShutdown()
                await shutdown()
            } catch {
                // In a new task, because `shutdown()` does not wait in a task that is cancelled.
                await Task { await self.shutdown() }.value
            }
        }
    }
#endif
