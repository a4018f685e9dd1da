package import ConfigCatCache
import ConfigCatEvaluation
import Foundation
import Logging
import Synchronization
import Testing

package import ConfigCat

/// Auto polling with a long wait for the first config, because other suites may keep all threads busy.
package let patientPolling = PollingModes.autoPoll(maxInitWaitTimeInSeconds: 600)

package let testKey = "configcat-sdk-1/TEST_KEY-0123456789012/1234567890123456789012"

/// Returns a client that is not registered, so that tests can share SDK keys. The cleanup retains and closes it, unless
/// the test closes and releases it itself.
package func makeClient(
    _ cdn: TestCDN?, mode: PollingMode = PollingModes.manualPoll(), recorder: LogRecorder = LogRecorder(),
    host: HostRuntime = .system, sdkKey: String = testKey, isReleased: Bool = false,
    _ configure: (inout ConfigCatOptions) -> Void = { _ in }
) throws -> ConfigCatClient {
    var options = ConfigCatOptions()
    options.pollingMode = mode
    options.baseUrl = cdn?.url ?? ""
    options.logger = recorder.logger(.warning)
    // Other suites may keep all threads busy.
    options.cacheTimeout = .seconds(600)
    configure(&options)
    let key = try SDKKey(sdkKey, isProxyAllowed: true, isLocalOnly: options.isLocalOnly)
    let client = try ConfigCatClient(sdkKey: key, options: options, host: host)
    client.start()
    if !isReleased { Cleanup.add { client.close() } }
    return client
}

/// Returns a registered client.
package func openClient(sdkKey: String, options: ConfigCatOptions) throws -> ConfigCatClient {
    let client = try ConfigCatClient.get(sdkKey: sdkKey, options: options)
    Cleanup.add { client.close() }
    return client
}

/// Returns a registered client.
package func openClient(
    sdkKey: String, _ configure: (inout ConfigCatOptions) throws -> Void
) throws -> ConfigCatClient {
    var options = ConfigCatOptions()
    try configure(&options)
    return try openClient(sdkKey: sdkKey, options: options)
}
