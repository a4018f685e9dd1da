import ConfigCat
import ConfigCatCache
import ConfigCatEvaluation
import ConfigCatTestSupport
import Foundation
import Synchronization

/// A config with a setting for each reason.
enum ReasonConfig {
    static let json = #"""
        {"p":{"s":"salt"},"f":{
        "plain":{"t":0,"v":{"b":true},"i":"v-plain"},
        "ruled":{"t":1,"v":{"s":"else"},"i":"v-else","r":[
          {"c":[{"u":{"a":"Email","c":0,"l":["jane@example.com"]}}],"s":{"v":{"s":"jane"},"i":"v-rule"}},
          {"c":[{"u":{"a":"Country","c":0,"l":["HU"]}}],"p":[{"p":100,"v":{"s":"hu"},"i":"v-rule-split"}]}]},
        "split":{"t":2,"v":{"i":1},"i":"v-one","p":[{"p":100,"v":{"i":2},"i":"v-two"}]},
        "malformed":{"t":0,"v":{"s":"x"}},
        "ratio":{"t":3,"v":{"d":5.0}}}}
        """#

    static let answer = TestCDN.Answer.config(json, eTag: "\"e1\"")
    static let jane = ConfigCatUser(identifier: "jane", email: "jane@example.com")
    static let hungarian = ConfigCatUser(identifier: "zoltan", country: "HU")
    static let other = ConfigCatUser(identifier: "other")
}

/// Remembers observations.
final class Recorder: EvaluationObserver {
    let sampling: EvaluationSampling
    private let recorded = Mutex<[EvaluationObservation]>([])

    init(_ sampling: EvaluationSampling = EvaluationSampling()) { self.sampling = sampling }

    var all: [EvaluationObservation] { recorded.withLock(\.self) }
    var keys: [String] { all.map(\.details.key) }

    func observed(_ observation: EvaluationObservation) { recorded.withLock { $0.append(observation) } }
}

/// Returns a client with a config and observers.
func observedClient(
    _ observers: [any EvaluationObserver], recorder: LogRecorder = LogRecorder(),
    _ configure: (inout ConfigCatOptions) -> Void = { _ in }
) async throws -> ConfigCatClient {
    let cdn = try await TestCDN(ReasonConfig.answer)
    let client = try makeClient(cdn, recorder: recorder) { options in
        options.evaluationObservers = observers
        configure(&options)
    }
    await client.forceRefresh()
    return client
}

/// The root of the package.
let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
