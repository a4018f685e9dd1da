import ConfigCat
import ConfigCatEvaluation
import ConfigCatTestSupport
import Logging
import Synchronization
import Testing

/// Snapshots of a user remember what they have evaluated. Nobody may notice but by the time that it takes.
@Suite("Snapshot of a user")
struct UserSnapshotTests {
    private static let json = #"""
        {"p": {"s": "salt"}, "f": {
          "bool": {"t": 0, "v": {"b": false}, "r": [
            {"c": [{"u": {"a": "Email", "c": 2, "l": ["@example.com"]}}], "s": {"v": {"b": true}}}]},
          "string": {"t": 1, "v": {"s": "none"}, "r": [
            {"c": [{"u": {"a": "Email", "c": 2, "l": ["@example.com"]}}], "s": {"v": {"s": "é"}}}]},
          "int": {"t": 2, "v": {"i": -1}, "p": [{"p": 100, "v": {"i": -9223372036854775808}}]},
          "double": {"t": 3, "v": {"d": 0.5}, "r": [
            {"c": [{"u": {"a": "Email", "c": 2, "l": ["@example.com"]}}], "p": [{"p": 100, "v": {"d": -0.0}}]}]},
          "number": {"t": 0, "v": {"b": false}, "r": [
            {"c": [{"u": {"a": "Email", "c": 10, "d": 1}}], "s": {"v": {"b": true}}}]},
          "invalid": {"t": 0, "v": {"b": true}, "r": [{"c": [{"u": {"a": "Email", "c": 999}}], "s": {"v": {"b": true}}}]}
        }}
        """#

    private let jane = ConfigCatUser(identifier: "1", email: "jane@example.com")

    private func snapshot(_ recorder: LogRecorder = LogRecorder(), _ level: Logger.Level = .warning) throws
        -> ConfigCatClientSnapshot
    {
        ConfigCatClientSnapshot(config: try Config(json: Self.json), logger: recorder.logger(level))
    }

    @Test("values of all types are the same at each read, by key and by declaration")
    func values() throws {
        let flags = try snapshot().with(user: jane)
        for _ in 0..<3 {
            #expect(flags.getValue(for: "bool", defaultValue: false))
            #expect(flags.value(of: FeatureFlag("bool", defaultValue: false)))
            #expect(flags.getValue(for: "string", defaultValue: "") == "é")
            #expect(flags.getValue(for: "int", defaultValue: 0) == .min)
            #expect(flags.getValue(for: "double", defaultValue: 1.0).sign == .minus)
            #expect(flags.getValue(for: "string", defaultValue: nil as Any?) as? String == "é")
        }
    }

    @Test("another user gets the values of that user")
    func otherUser() throws {
        let flags = try snapshot().with(user: jane)
        let other = ConfigCatUser(identifier: "2")
        for _ in 0..<2 {
            #expect(flags.getValue(for: "bool", defaultValue: false))
            #expect(!flags.getValue(for: "bool", defaultValue: true, user: other))
            #expect(!flags.with(user: other).getValue(for: "bool", defaultValue: true))
        }
    }

    @Test("an evaluation with a warning, or without a value, is reported each time")
    func reports() throws {
        let recorder = LogRecorder()
        let flags = try snapshot(recorder).with(user: jane)
        for _ in 0..<3 {
            #expect(!flags.getValue(for: "number", defaultValue: true))
            #expect(flags.getValue(for: "invalid", defaultValue: true))
        }
        #expect(recorder.ids.filter { $0 == 1002 }.count == 3)
        #expect(recorder.ids.filter { $0 == 3004 }.count == 3)
    }

    @Test("at the level info, each evaluation is explained")
    func explained() throws {
        let recorder = LogRecorder()
        let flags = try snapshot(recorder, .info).with(user: jane)
        for _ in 0..<3 { #expect(flags.getValue(for: "bool", defaultValue: false)) }
        #expect(recorder.ids.filter { $0 == 5000 }.count == 3)
    }

    @Test("several threads that read a new snapshot get the same values")
    func threads() async throws {
        for _ in 0..<100 {
            let flags = try snapshot().with(user: jane)
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        flags.getValue(for: "bool", defaultValue: false)
                            && flags.getValue(for: "int", defaultValue: 0) == .min
                    }
                }
                for await isRight in group { #expect(isRight) }
            }
        }
    }
}
