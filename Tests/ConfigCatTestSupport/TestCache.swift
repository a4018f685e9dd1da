import ConfigCatCache
import Synchronization

/// A cache that can be made to fail or hang, and records reads and writes.
package final class TestCache: ConfigCache {
    private struct State {
        var values: [String: String] = [:]
        var reads = 0
        var writes: [String] = []
        var readError: String?
        var writeError: String?
        var hangs = false
    }

    package struct Fault: Error, CustomStringConvertible {
        package var description: String

        package init(description: String) { self.description = description }
    }

    private let state = Mutex(State())

    package init() {}

    package var reads: Int { state.withLock { $0.reads } }
    package var writes: [String] { state.withLock { $0.writes } }
    package func value(for key: String) -> String? { state.withLock { $0.values[key] } }
    package func set(_ value: String?, for key: String) { state.withLock { $0.values[key] = value } }
    package func fail(reads: String? = nil, writes: String? = nil) {
        state.withLock { ($0.readError, $0.writeError) = (reads, writes) }
    }
    package func hang(_ hangs: Bool) { state.withLock { $0.hangs = hangs } }

    package func read(for key: String) async throws -> String? {
        let (hangs, error) = state.withLock { state in
            state.reads += 1
            return (state.hangs, state.readError)
        }
        if hangs { try await Task.sleep(for: .seconds(600)) }
        if let error { throw Fault(description: error) }
        return state.withLock { $0.values[key] }
    }

    package func write(for key: String, value: String) async throws {
        let (hangs, error) = state.withLock { ($0.hangs, $0.writeError) }
        if hangs { try await Task.sleep(for: .seconds(600)) }
        if let error { throw Fault(description: error) }
        state.withLock { state in
            state.values[key] = value
            state.writes.append(value)
        }
    }
}
