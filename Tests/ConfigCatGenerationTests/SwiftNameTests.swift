import ConfigCatGeneration
import Testing

@Suite("Swift names")
struct SwiftNameTests {
    @Test(
        "keys of all styles become lowerCamelCase",
        arguments: [
            ("newCheckout", "newCheckout"), ("NewCheckout", "newCheckout"), ("new-checkout", "newCheckout"),
            ("new_checkout", "newCheckout"), ("NEW_CHECKOUT", "newCheckout"), ("new.checkout v2", "newCheckoutV2"),
            ("URLTimeout", "urlTimeout"), ("useHTTPS", "useHTTPS"), ("HTTPS", "https"), ("a", "a"), ("A", "a"),
            ("--new--", "new"), ("team/flag:x", "teamFlagX"), ("use-API", "useAPI"), ("naïve", "naïve"),
            ("日本 語", "日本語"), ("Ärger", "ärger"), ("x1", "x1"),
        ])
    func styles(key: String, name: String) {
        #expect(SwiftName(key: key).code == name)
    }

    @Test(
        "what cannot begin a name, or is none, still gets a valid name",
        arguments: [
            ("2fa", "_2fa"), ("", "emptyKey"), ("---", "emptyKey"), ("_", "emptyKey"), ("🎉", "u1f389"),
            ("flag🎉", "flagU1f389"), ("❤️x", "u2764X"), ("👩‍👧", "u1f469U1f467"), ("\u{301}x", "_\u{301}x"),
            ("\n", "emptyKey"),
        ])
    func oddities(key: String, name: String) {
        #expect(SwiftName(key: key).code == name)
    }

    @Test(
        "keywords are in backquotes",
        arguments: ["default", "class", "self", "init", "in", "true", "Switch", "package"])
    func keywords(key: String) {
        #expect(SwiftName(key: key).code == "`\(key.lowercased())`")
    }
}
