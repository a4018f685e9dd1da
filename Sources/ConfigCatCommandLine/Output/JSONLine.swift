package import ConfigCatEvaluation

/// Writes JSON objects, a line each.
package struct JSONLine {
    private var members: [String] = []

    package init() {}

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

    package var text: String { "{" + members.joined(separator: ", ") + "}" }
}

extension SettingValue {
    /// The value as JSON. A Double that JSON cannot write becomes a string.
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
