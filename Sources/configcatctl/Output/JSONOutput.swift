import ConfigCatEvaluation

/// Writes JSON objects, a line each.
struct JSONLine {
    private var members: [String] = []

    mutating func add(_ name: String, json: String) {
        members.append(JSONEscapes.quoted(name) + ": " + json)
    }

    mutating func add(_ name: String, _ text: String?) {
        add(name, json: text.map { JSONEscapes.quoted($0) } ?? "null")
    }

    mutating func add(_ name: String, _ number: Int?) {
        add(name, json: number.map(String.init) ?? "null")
    }

    mutating func add(_ name: String, _ bool: Bool) {
        add(name, json: bool ? "true" : "false")
    }

    mutating func add(_ name: String, _ value: SettingValue) {
        add(name, json: value.json)
    }

    var text: String { "{" + members.joined(separator: ", ") + "}" }
}

extension SettingValue {
    /// The value as JSON. A Double that JSON cannot write becomes a string.
    var json: String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .string(let value): JSONEscapes.quoted(value)
        case .double(let value): value.isFinite ? DecimalText.text(value) : JSONEscapes.quoted(DecimalText.text(value))
        }
    }
}
