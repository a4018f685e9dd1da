import ConfigCatTestSupport
import ConfigCat
import ConfigCatEvaluation
import Foundation
import Logging
import Synchronization
import Testing

@Suite("Snapshot")
struct SnapshotTests {
    static let json = #"""
        {"f": {
          "bool": {"t": 0, "v": {"b": true}, "i": "b1"}, "string": {"t": 1, "v": {"s": "text"}, "i": "s1"},
          "int": {"t": 2, "v": {"i": 42}, "i": "i1"}, "double": {"t": 3, "v": {"d": 2.5}, "i": "d1"}, "broken": {"t": 0, "v": {}},
          "targeted": {"t": 1, "v": {"s": "all"}, "i": "t0", "r": [
            {"c": [{"u": {"a": "Email", "c": 28, "s": "jane@example.com"}}], "s": {"v": {"s": "jane"}, "i": "t1"}}]},
          "options": {"t": 2, "v": {"i": 0}, "p": [{"p": 100, "v": {"i": 1}, "i": "o1"}]}
        }}
        """#

    private let recorder = LogRecorder()

    private func snapshot(_ level: Logger.Level = .warning, defaultUser: ConfigCatUser? = nil) throws
        -> ConfigCatClientSnapshot
    {
        ConfigCatClientSnapshot(
            config: try Config(json: Self.json), defaultUser: defaultUser, logger: recorder.logger(level))
    }

    @Test("values are returned as their type, its optional, or Any")
    func types() throws {
        let snapshot = try snapshot()
        #expect(snapshot.getValue(for: "bool", defaultValue: false) == true)
        #expect(snapshot.getValue(for: "string", defaultValue: "") == "text")
        #expect(snapshot.getValue(for: "int", defaultValue: 0) == 42)
        // In a direct comparison with a literal, Swift would infer Foundation's Decimal for both sides.
        let double = snapshot.getValue(for: "double", defaultValue: 0.0)
        #expect(double == 2.5)
        #expect(snapshot.getValue(for: "bool", defaultValue: nil as Bool?) == true)
        #expect(snapshot.getValue(for: "string", defaultValue: nil as String?) == "text")
        #expect(snapshot.getValue(for: "int", defaultValue: nil as Int?) == 42)
        #expect(snapshot.getValue(for: "double", defaultValue: nil as Double?) == 2.5)
        #expect(snapshot.getValue(for: "int", defaultValue: "" as Any) as? Int == 42)
        #expect(snapshot.getValue(for: "int", defaultValue: nil as Any?) as? Int == 42)
        #expect(recorder.ids == [])
    }

    @Test("a request for another type returns the default value, with event 2002")
    func mismatches() throws {
        let snapshot = try snapshot()
        let fraction = snapshot.getValue(for: "int", defaultValue: 1.5)
        #expect(fraction == 1.5)
        #expect(snapshot.getValue(for: "double", defaultValue: 1) == 1)
        #expect(snapshot.getValue(for: "bool", defaultValue: "no") == "no")
        #expect(snapshot.getValue(for: "string", defaultValue: nil as Bool?) == nil)
        #expect(recorder.ids == [2002, 2002, 2002, 2002])
        let details = snapshot.getValueDetails(for: "int", defaultValue: "no")
        #expect(
            details.value == "no" && details.isDefaultValue && details.errorCode == .settingValueTypeMismatch
                && details.variationId == nil)
    }

    @Test("a request for a type that settings cannot have returns the default value, with event 2022")
    func unsupportedTypes() throws {
        let snapshot = try snapshot()
        #expect(snapshot.getValue(for: "int", defaultValue: Float(1)) == 1)
        #expect(snapshot.getValueDetails(for: "int", defaultValue: [1]).errorCode == .invalidUserInput)
        #expect(recorder.ids == [2022, 2022])
    }

    @Test("an unknown key and an invalid setting each have an error code and an event")
    func errors() throws {
        let snapshot = try snapshot()
        #expect(snapshot.getValue(for: "none", defaultValue: 7) == 7)
        #expect(snapshot.getValueDetails(for: "none", defaultValue: 7).errorCode == .settingKeyMissing)
        #expect(snapshot.getValue(for: "broken", defaultValue: true) == true)
        #expect(snapshot.getValueDetails(for: "broken", defaultValue: true).errorCode == .invalidConfigModel)
        #expect(recorder.ids == [1001, 1001, 1002, 1002])
        #expect(recorder.messages.allSatisfy { $0.hasPrefix("[100") })
    }

    @Test("details name the rule and the option that decided")
    func details() throws {
        let snapshot = try snapshot()
        let user = ConfigCatUser(identifier: "1", email: "jane@example.com")
        let targeted = snapshot.getValueDetails(for: "targeted", defaultValue: "", user: user)
        #expect(
            targeted.value == "jane" && targeted.variationId == "t1" && !targeted.isDefaultValue
                && targeted.error == nil)
        #expect(
            targeted.errorCode == .none && targeted.matchedPercentageOption == nil && targeted.user?.identifier == "1")
        #expect(targeted.matchedTargetingRule?.servedValue == ServedValue(value: .string("jane"), variationId: "t1"))
        let option = snapshot.getValueDetails(for: "options", defaultValue: 0, user: user).matchedPercentageOption
        #expect(option?.percentage == 100 && option?.value == .int(1) && option?.variationId == "o1")
    }

    @Test("the default user is used only if no user is passed")
    func defaultUser() throws {
        let jane = ConfigCatUser(identifier: "1", email: "jane@example.com")
        let snapshot = try snapshot(defaultUser: jane)
        #expect(snapshot.getValue(for: "targeted", defaultValue: "") == "jane")
        #expect(
            snapshot.getValue(for: "targeted", defaultValue: "", user: ConfigCatUser(identifier: "2", email: "x"))
                == "all")
        #expect(snapshot.getAllValues()["targeted"] as? String == "jane")
    }

    @Test("all values omit an invalid setting, and all details report it")
    func all() throws {
        let snapshot = try snapshot()
        #expect(snapshot.getAllKeys() == ["bool", "string", "int", "double", "broken", "targeted", "options"])
        let values = snapshot.getAllValues(user: ConfigCatUser(identifier: "1"))
        #expect(values.count == 6 && values["int"] as? Int == 42 && values["options"] as? Int == 1)
        let details = snapshot.getAllValueDetails(user: ConfigCatUser(identifier: "1"))
        #expect(details.map(\.isDefaultValue) == [false, false, false, false, true, false, false])
        #expect(snapshot.getKeyAndValue(for: "t1")?.key == "targeted")
        #expect(snapshot.getKeyAndValue(for: "o1")?.value as? Int == 1)
        #expect(snapshot.getKeyAndValue(for: "nothing") == nil)
        #expect(recorder.ids.last == 2011)
    }

    @Test("the evaluation log is written only at level info, with the event id as metadata")
    func evaluationLog() throws {
        _ = try snapshot(.warning).getValue(for: "int", defaultValue: 0)
        #expect(recorder.ids == [])
        _ = try snapshot(.info).getValue(for: "int", defaultValue: 0)
        #expect(recorder.messages == ["[5000] Evaluating 'int'\n  Returning '42'."])
        #expect(recorder.metadata == [["event_id": "5000"]])
        _ = try snapshot(.warning).getValue(for: "targeted", defaultValue: "")
        #expect(recorder.ids == [5000, 3001])
        _ = try snapshot(.error).getValue(for: "targeted", defaultValue: "")
        #expect(recorder.ids == [5000, 3001])
    }

    @Test(
        "overrides and the downloaded config are combined as the behaviour says",
        arguments: [OverrideBehaviour.localOnly, .localOverRemote, .remoteOverLocal])
    func overrides(_ behaviour: OverrideBehaviour) throws {
        let local = LocalDictionaryDataSource(
            source: ["int": 1, "own": true, "half": 0.5, "word": "w"], behaviour: behaviour)
        let config = try #require(behaviour.settings(local: local.overrides(), remote: try Config(json: Self.json)))
        let snapshot = ConfigCatClientSnapshot(config: config, logger: recorder.logger(.critical))
        #expect(snapshot.getValue(for: "own", defaultValue: false) == true)
        let half = snapshot.getValue(for: "half", defaultValue: 0.0)
        #expect(half == 0.5)
        #expect(snapshot.getValue(for: "word", defaultValue: "") == "w")
        #expect(snapshot.getValue(for: "int", defaultValue: 0) == (behaviour == .remoteOverLocal ? 42 : 1))
        #expect(snapshot.getValue(for: "string", defaultValue: "none") == (behaviour == .localOnly ? "none" : "text"))
    }

    @Test("in a dictionary of Any, a Bool is not a number, and values of unsupported types are ignored")
    func untypedOverrides() throws {
        let source: [String: Any] = ["flag": true, "one": 1, "big": UInt64.max, "list": [1], "float": Float(0.5)]
        let config = LocalDictionaryDataSource(source: source, behaviour: .localOnly).overrides()
        #expect(config["flag"]?.value == .bool(true))
        #expect(config["one"]?.value == .int(1))
        #expect(config["float"]?.value == .double(0.5))
        #expect(Set(config.keys) == ["flag", "one", "float"])
    }

    @Test("the error for an override file that is absent, a directory or not JSON names its path")
    func overrideFiles() throws {
        func code(_ path: String) -> OverrideError.Code? {
            do {
                _ = try LocalFileDataSource(path: path, behaviour: .localOnly).overrides()
                return nil
            } catch {
                #expect("\(error)".hasPrefix(path + ": "))
                return (error as? OverrideError)?.code
            }
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "flags.json")
        #expect(code(file.path) == .fileNotFound)
        #expect("\(OverrideError.Code.fileNotFound) \(OverrideError.Code(rawValue: 7))" == "fileNotFound 7")
        #expect(code(folder.path) == .fileNotReadable)
        try Data("{".utf8).write(to: file)
        #expect(code(file.path) == .invalidContent)
        try Data(#"{"flags": {"whole": 5, "double": 5.0, "none": null}}"#.utf8).write(to: file)
        let config = try LocalFileDataSource(path: file.path, behaviour: .localOnly).overrides()
        #expect(
            config["whole"]?.value == .int(5) && config["double"]?.value == .double(5) && config["none"]?.value == nil)
    }
}
