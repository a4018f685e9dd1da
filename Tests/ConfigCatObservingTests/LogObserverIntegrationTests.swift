import ConfigCat
import ConfigCatEvaluation
import ConfigCatTestSupport
import Logging
import Testing

@Suite("Evaluations in the log", .cleanup)
struct LogObserverIntegrationTests {
    @Test("the log has the event with its attributes as metadata")
    func log() async throws {
        let log = LogRecorder()
        let client = try await observedClient([LogObserver(logger: log.logger(.info))]) { $0.flagSetID = "shop" }
        _ = await client.getValue(for: "ruled", defaultValue: "", user: ReasonConfig.jane)
        #expect(log.messages == ["feature_flag.evaluation"])
        #expect(
            log.metadata == [
                [
                    "feature_flag.key": "ruled", "feature_flag.result.variant": "v-rule",
                    "feature_flag.result.reason": "targeting_match", "feature_flag.provider.name": "ConfigCat",
                    "feature_flag.set.id": "shop", "feature_flag.version": "\"e1\"",
                ]
            ])
    }

    @Test("the value and the user's identifier are there only on request")
    func optIn() async throws {
        let log = LogRecorder()
        let client = try await observedClient([
            LogObserver(logger: log.logger(.debug), level: .debug, includesValue: true, includesUserID: true)
        ])
        _ = await client.getValue(for: "split", defaultValue: 0, user: ReasonConfig.other)
        _ = await client.getValue(for: "plain", defaultValue: false)
        #expect(log.metadata.map { $0["feature_flag.result.value"]?.description } == ["2", "true"])
        #expect(log.metadata.map { $0["feature_flag.context.id"]?.description } == ["other", nil])
    }

    @Test("an error has a well-known type and a message")
    func errors() async throws {
        let log = LogRecorder()
        let client = try await observedClient([LogObserver(logger: log.logger(.info))])
        _ = await client.getValue(for: "missing", defaultValue: 0)
        _ = await client.getValue(for: "plain", defaultValue: 0)
        _ = await client.getValue(for: "malformed", defaultValue: false)
        _ = await client.getValue(for: "plain", defaultValue: [0])
        let empty = try makeClient(try await TestCDN(.drop)) {
            $0.evaluationObservers = [LogObserver(logger: log.logger(.info))]
        }
        _ = await empty.getValue(for: "plain", defaultValue: false)
        #expect(
            log.metadata.map { $0["error.type"]?.description }
                == ["flag_not_found", "type_mismatch", "parse_error", "general", "provider_not_ready"])
        #expect(log.metadata.allSatisfy { $0["feature_flag.result.reason"] == "error" })
        #expect(log.metadata.allSatisfy { $0["feature_flag.error.message"] != nil })
        #expect(log.metadata.allSatisfy { $0["feature_flag.result.variant"] == nil })
        #expect(!"\(log.metadata)".contains(testKey))
    }
}
