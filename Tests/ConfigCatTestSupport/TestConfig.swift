/// Configs that tests download.
package enum TestConfig {
    package static func json(_ value: Int, preferences: String = "{}") -> String {
        #"{"p":\#(preferences),"f":{"number":{"t":2,"v":{"i":\#(value)}},"other":{"t":1,"v":{"s":"x"}}}}"#
    }

    package static func answer(_ value: Int) -> TestCDN.Answer { .config(json(value), eTag: "\"\(value)\"") }
}
