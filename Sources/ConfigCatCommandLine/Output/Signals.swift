import ConfigCatPlatform
import Dispatch
import Synchronization

/// Handles SIGINT and SIGTERM. The first signal asks a command to clean up and end; the second ends the process.
package enum Signals {
    /// Waits for SIGINT or SIGTERM.
    ///
    /// - Returns: The number of the signal; nil if the task is cancelled.
    @discardableResult
    package static func interruption() async -> Int32? {
        let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
        expected.withLock { $0 = 1 }
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let isExpected = expected.withLock { expected in
                    expected -= 1
                    return expected >= 0
                }
                if !isExpected { _exit(128 + number) }
                continuation.yield(number)
            }
            source.resume()
            return source
        }
        // The sources stay until the process ends, so that the first signal does not end a command that cleans up.
        installed.withLock { $0.append(contentsOf: sources.map(Source.init)) }
        for await number in signals { return number }
        return nil
    }

    /// Runs a command. The first signal cancels it, so that it can clean up; another signal ends the process.
    ///
    /// - Returns: The number of the signal; nil if the command ended by itself.
    /// - Throws: What the command throws.
    package static func cancelling(_ body: @escaping @Sendable () async throws -> Void) async throws -> Int32? {
        defer { expected.withLock { $0 = 0 } }
        return try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask {
                try await body()
                return nil
            }
            group.addTask { await interruption() }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    /// Unchecked, because Dispatch does not declare it: a source may be released on any thread.
    private struct Source: @unchecked Sendable {
        let source: any DispatchSourceSignal
    }

    private static let installed = Mutex<[Source]>([])
    /// How many further signals are handled without ending the process.
    private static let expected = Mutex(0)
}
