import ConfigCatCache
import ConfigCatEvaluation
import Foundation
import Logging
import Synchronization
import Testing

import ConfigCat

/// Configs that tests download.
package enum TestConfig {
    package static func json(_ value: Int, preferences: String = "{}") -> String {
        #"{"p":\#(preferences),"f":{"number":{"t":2,"v":{"i":\#(value)}},"other":{"t":1,"v":{"s":"x"}}}}"#
    }

    package static func answer(_ value: Int) -> TestCDN.Answer { .config(json(value), eTag: "\"\(value)\"") }
}

/// Clocks that tests set: the time of day to any time, the monotonic clock forward. Timers use real time.
package final class TestClock: Sendable {
    private let time = Mutex<(wall: Int64, now: Int64)>((1_700_000_000_000, 5_000_000))

    package var wall: Int64 { time.withLock { $0.wall } }
    package var now: Int64 { time.withLock { $0.now } }

    package var host: HostRuntime { HostRuntime(wall: { self.wall }, now: { self.now }) }

    /// Advances both clocks.
    package func advance(seconds: Int64) {
        time.withLock { time in
            time.wall += seconds * 1000
            time.now += seconds * 1000
        }
    }

    /// Changes the time of day only, as an administrator or NTP does.
    package func setWall(by seconds: Int64) { time.withLock { $0.wall += seconds * 1000 } }
}

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
        var description: String
    }

    private let state = Mutex(State())

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

/// Auto polling with a long wait for the first config, because other suites may keep all threads busy.
let patientPolling = PollingModes.autoPoll(maxInitWaitTimeInSeconds: 600)

let testKey = "configcat-sdk-1/TEST_KEY-0123456789012/1234567890123456789012"

/// Returns a client that is not registered, so that tests can share SDK keys.
func makeClient(
    _ cdn: TestCDN?, mode: PollingMode = PollingModes.manualPoll(), recorder: LogRecorder = LogRecorder(),
    host: HostRuntime = .system, sdkKey: String = testKey, _ configure: (inout ConfigCatOptions) -> Void = { _ in }
) throws -> ConfigCatClient {
    package var options = ConfigCatOptions()
    options.pollingMode = mode
    options.baseUrl = cdn?.url ?? ""
    options.logger = recorder.logger(.warning)
    // Other suites may keep all threads busy.
    options.cacheTimeout = .seconds(600)
    configure(&options)
    package let key = try SDKKey(sdkKey, isProxyAllowed: true, isLocalOnly: options.isLocalOnly)
    package let client = try ConfigCatClient(sdkKey: key, options: options, host: host)
    client.start()
    return client
}
