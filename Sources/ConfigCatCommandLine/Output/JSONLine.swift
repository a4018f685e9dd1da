package import ConfigCatEvaluation

/// Builds a JSON object on a single line. Members keep the order in which they are added.
package struct JSONLine {
    private var members: [String] = []

    package init() {}

    /// Adds a member whose value is already JSON.
    package mutating func add(_ name: String, json: String) {
        members.append(JSONEscapes.quoted(name) + ": " + json)
    }

    package mutating func add(_ name: String, _ text: String?) {
        add(name, json: text.map { JSONEscapes.quoted($0) } ?? "null")
    }

    package mutating func add(_ name: String, _ number: Int?) {
        add(name, json: number.map(String.init) ?? "null")
    }

    package mutating func add(_ name: String, _ bool: Bool) {
        add(name, json: bool ? "true" : "false")
    }

    package mutating func add(_ name: String, _ value: SettingValue) {
        add(name, json: value.json)
    }

    /// The object as JSON, without a line break.
    package var text: String { "{" + members.joined(separator: ", ") + "}" }
}

extension SettingValue {
    /// The value as JSON. A Double that JSON cannot represent, such as NaN, becomes a string.
    package var json: String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .string(let value): JSONEscapes.quoted(value)
        case .double(let value):
            value.isFinite ? DecimalFormat.text(value) : JSONEscapes.quoted(DecimalFormat.text(value))
        }
    }
}
