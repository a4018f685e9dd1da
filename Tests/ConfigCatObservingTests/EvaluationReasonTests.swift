import ConfigCat
import ConfigCatEvaluation
import Testing

@Suite("The reason of an evaluation")
struct EvaluationReasonTests {
    private let snapshot: ConfigCatClientSnapshot

    init() throws { snapshot = ConfigCatClientSnapshot(config: try Config(json: ReasonConfig.json)) }

    private func reason(_ key: String, _ user: ConfigCatUser?) -> EvaluationReason {
        snapshot.getValueDetails(for: key, defaultValue: "" as Any, user: user).reason
    }

    @Test("a setting without rules has the reason default")
    func plain() { #expect(reason("plain", ReasonConfig.jane) == .default) }

    @Test("a targeting rule that applies is a targeting match")
    func rule() { #expect(reason("ruled", ReasonConfig.jane) == .targetingMatch) }

    @Test("targeting rules that do not apply leave the reason default")
    func otherUser() {
        #expect(reason("ruled", ReasonConfig.other) == .default)
        #expect(reason("ruled", nil) == .default)
    }

    @Test("a percentage option is a split, also inside a targeting rule")
    func split() {
        #expect(reason("split", ReasonConfig.other) == .split)
        #expect(reason("ruled", ReasonConfig.hungarian) == .split)
    }

    @Test("whatever returns the default value is an error")
    func errors() throws {
        #expect(reason("missing", nil) == .error)
        #expect(reason("malformed", nil) == .error)
        #expect(snapshot.getValueDetails(for: "plain", defaultValue: 1).reason == .error)
        #expect(snapshot.getValueDetails(for: "plain", defaultValue: [1]).reason == .error)
    }

    @Test("raw values are OpenTelemetry's")
    func rawValues() {
        let reasons: [EvaluationReason] = [.error, .split, .targetingMatch, .default]
        #expect(reasons.map(\.description) == ["error", "split", "targeting_match", "default"])
    }
}
