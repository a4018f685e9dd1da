import Testing

@testable import ConfigCatEvaluation

@Suite("Length of explanations")
struct LogTextTests {
    @Test("text is cut at the limit, between scalars, and ends with a line that says so")
    func limit() {
        var log = LogText()
        log.newLine("x")
        log.append(String(repeating: "é", count: LogText.limit))
        log.append("never written")
        log.newLine("never written")
        #expect(log.isFull)
        #expect(log.text.utf8.count <= LogText.limit + LogText.end.utf8.count)
        #expect(log.text.hasPrefix("\nxé") && log.text.hasSuffix("é" + LogText.end))
        #expect(!log.text.contains("\u{FFFD}"))
    }

    @Test("text that is exactly as long as the limit is not cut")
    func exact() {
        var log = LogText()
        log.append(String(repeating: "x", count: LogText.limit))
        #expect(!log.isFull)
        log.append("")
        #expect(!log.isFull && log.text.utf8.count == LogText.limit)
        log.append("y")
        #expect(log.isFull && log.text.hasSuffix("x" + LogText.end))
    }

    @Test("a string that would be omitted is not computed")
    func laziness() {
        var log = LogText()
        log.append(String(repeating: "x", count: LogText.limit + 1))
        var count = 0
        func text() -> String {
            count += 1
            return ""
        }
        log.append(text())
        log.newLine(text())
        #expect(count == 0)
    }

    @Test("a passage is repeated with another indent, and the text stops at the limit")
    func passages() {
        var log = LogText()
        log.indent = 2
        log.beginPassage()
        log.newLine("a\n  b")
        log.indent += 1
        log.newLine("c")
        log.endPassage(.setting(1))
        #expect(log.indent == 2)
        log.indent = 1
        log.repeatPassage(.setting(1))
        #expect(log.text == "\n    a\n  b\n      c\n  a\n  b\n    c")
        #expect(log.indent == 1)
        // Each passage contains the previous one twice.
        for setting in Int32(2)..<80 {
            log.beginPassage()
            log.repeatPassage(.setting(setting - 1))
            log.repeatPassage(.setting(setting - 1))
            log.endPassage(.setting(setting))
        }
        #expect(log.isFull && log.text.utf8.count <= LogText.limit + LogText.end.utf8.count)
    }

    @Test(
        "every kind of line respects the limit",
        arguments: [
            // Values, segment names, prerequisite keys and values, attribute names, comparison values, list items.
            #"{"c":[{"u":{"a":"x","c":28,"s":"LONG"}}],"s":{"v":{"s":"y"}}}"#,
            #"{"c":[{"u":{"a":"x","c":28,"s":"y"}}],"s":{"v":{"s":"LONG"}}}"#,
            #"{"c":[{"u":{"a":"LONG","c":28,"s":"y"}}],"s":{"v":{"s":"y"}}}"#,
            #"{"c":[{"u":{"a":"x","c":6,"s":"LONG"}}],"s":{"v":{"s":"y"}}}"#,
            #"{"c":[{"u":{"a":"x","c":0,"l":["LONG","LONG"]}}],"s":{"v":{"s":"y"}}}"#,
            #"{"c":[{"s":{"s":0,"c":0}}],"s":{"v":{"s":"y"}}}"#,
            #"{"c":[{"s":{"s":0,"c":1}},{"s":{"s":0,"c":0}}],"s":{"v":{"s":"y"}}}"#,
            #"{"c":[{"p":{"f":"LONG","c":0,"v":{"s":"x"}}}],"s":{"v":{"s":"y"}}}"#,
            #"{"c":[{"p":{"f":"b","c":1,"v":{"s":"LONG"}}}],"s":{"v":{"s":"y"}}}"#,
            #"{"c":[{"u":{"a":"x","c":28,"s":"x"}},{"u":{"a":"x","c":6,"s":"1.0.0"}}],"s":{"v":{"s":"LONG"}}}"#,
            #"{"c":[{"u":{"a":"x","c":28,"s":"x"}}],"p":[{"p":100,"v":{"s":"LONG"}}]}"#,
        ])
    func lines(_ rule: String) throws {
        let long = String(repeating: "é", count: 30_000)
        let rule = rule.split(separator: "LONG", omittingEmptySubsequences: false).joined(separator: long)
        let other = #"{"t":1,"v":{"s":"\#(long)"}}"#
        let json =
            #"{"s":[{"n":"\#(long)","r":[{"a":"x","c":28,"s":"z"}]}],"f":{"a":{"t":1,"v":{"s":"y"},"a":"\#(long)","r":[\#(Array(repeating: rule, count: 20).joined(separator: ","))]},"b":\#(other),"\#(long)":\#(other)}}"#
        let config = try Config(json: json)
        for user in [nil, ConfigCatUser(identifier: "1", custom: ["x": "x", "z": .stringArray([long])])] {
            let (result, log) = config.explain("a", for: user, defaultValue: long, warn: nil)
            #expect(throws: Never.self) { try result.get() }
            let length = try #require(log).utf8.count
            #expect(length <= LogText.limit + LogText.end.utf8.count)
            // Without a user, some of these explanations are short.
            if user != nil { #expect(length > LogText.limit) }
        }
    }

    @Test("the message of a failure respects the limit too")
    func failures() throws {
        let long = String(repeating: "x", count: LogText.limit)
        let config = try Config(json: #"{"f":{"\#(long)":{"t":0,"v":{"i":1}}}}"#)
        let log = try #require(config.explain(long, for: nil, defaultValue: long, warn: nil).log)
        #expect(log.utf8.count <= LogText.limit + LogText.end.utf8.count)
    }
}
