import ConfigCatEvaluation
import Testing

@testable import ConfigCatComparison

@Suite("Differences for users")
struct UserDifferencesTests {
    private let users: [ConfigCatUser?] = [
        ConfigCatUser(identifier: "1"), ConfigCatUser(identifier: "2", email: "x@b.org"), nil,
    ]

    private func config(_ members: String) throws -> Config {
        try Config(json: #"{"f": {"a": {"t": 0, "v": {"b": false}\#(members)}}}"#)
    }

    private let staff = #", "r": [{"c": [{"u": {"a": "Email", "c": 32, "l": ["@b.org"]}}], "s": {"v": {"b": true}}}]"#

    @Test("users who get another value are named, with both reasons")
    func values() throws {
        let groups = UserDifferences(from: try config(""), to: try config(staff), for: users).groups
        #expect(groups.count == 1 && groups[0].users == [1] && groups[0].key == "a")
        #expect(groups[0].before.reason == "fallback value" && groups[0].after.reason == "targeting rule 1")
        #expect(groups[0].after.rule == "IF User.Email ENDS WITH ANY OF ['@b.org'] THEN 'true'")
    }

    @Test("another reason for the same value is no difference")
    func sameValue() throws {
        let serving = staff.replacing("true", with: "false")
        #expect(UserDifferences(from: try config(""), to: try config(serving), for: users).groups.isEmpty)
        #expect(UserDifferences(from: try config(#", "i": "x""#), to: try config(""), for: users).groups.isEmpty)
    }

    @Test("settings that are gone, new, of another type or malformed are differences")
    func others() throws {
        let old = try Config(json: #"{"flags": {"gone": 1, "type": 1, "same": 1}}"#)
        let new = try Config(
            json:
                #"{"f": {"type": {"t": 3, "v": {"d": 1}}, "same": {"t": 2, "v": {"s": ""}}, "new": {"t": 2, "v": {"i": 1}}}}"#
        )
        let groups = UserDifferences(from: old, to: new, for: users).groups
        #expect(groups.map(\.key) == ["gone", "new", "same", "type"])
        #expect(groups.map(\.users.count) == [3, 3, 3, 3])
        #expect(groups[0].after.reason == "no such setting" && groups[2].after.reason.hasPrefix("error: "))
    }

    @Test("Markdown shows any text of a config as code, and nothing else")
    func markdown() throws {
        #expect(DifferenceMarkdown.code("a|b*<i>") == "`a|b*<i>`")
        #expect(DifferenceMarkdown.code("`a``b") == "``` `a``b ```")
        #expect(DifferenceMarkdown.code("a\n# b\u{202E}") == "`a\\n# b\\u{202e}`")
        #expect(DifferenceMarkdown.code("") == "(empty)")
        let new = try Config(json: "{\"flags\": {\"<b>\\n- @all\": \"**x**`\"}}")
        let difference = ConfigDifference(from: try Config(json: #"{"flags": {}}"#), to: new)
        let users = UserDifferences(from: try Config(json: #"{"flags": {}}"#), to: new, for: users)
        let text = DifferenceMarkdown(difference, users: (users, ["*1*", "2", "no user"])).text
        #expect(
            text == """
                ### Changes of the config

                - The setting `<b>\\n- @all` **added**
                  - type: String
                  - fallback value: ``'**x**`'``

                ### Changes for 3 sample users

                - `<b>\\n- @all`: `none` → ``'**x**`'`` for 3: `*1*`, `2`, `no user`
                  - before: `no such setting`
                  - after: fallback value
                """)
    }
}
