import ConfigCat
import ConfigCatEvaluation

/// The answers of ConfigCat's Proxy, as JSON: https://configcat.com/docs/advanced/proxy/endpoints
enum ProxyAnswer {
    /// Returns the answer for one setting: `{"value", "variationId"}`. The value is `null` if the setting could not be
    /// evaluated, and the variation ID is empty if there is none, as in ConfigCat's Proxy.
    static func json(_ details: EvaluationDetails) -> String {
        var json = ""
        append(details, to: &json)
        return json
    }

    /// Returns the answer for all settings: one member for each, in the order of the config.
    static func json(_ details: [EvaluationDetails]) -> String {
        var json = "{"
        for each in details {
            if json.utf8.count > 1 { json += "," }
            JSONEscapes.appendQuoted(each.key, to: &json)
            json += ":"
            append(each, to: &json)
        }
        return json + "}"
    }

    /// Returns the answer to the request for all keys: `{"keys": […]}`.
    static func json(keys: [String]) -> String {
        var json = "{\"keys\":["
        for (index, key) in keys.enumerated() {
            if index > 0 { json += "," }
            JSONEscapes.appendQuoted(key, to: &json)
        }
        return json + "]}"
    }

    private static func append(_ details: EvaluationDetails, to json: inout String) {
        json += "{\"value\":"
        if details.isDefaultValue { json += "null" } else { append(details.value, to: &json) }
        json += ",\"variationId\":"
        JSONEscapes.appendQuoted(details.variationId ?? "", to: &json)
        json += "}"
    }

    private static func append(_ value: any Sendable, to json: inout String) {
        switch value {
        case let value as Bool: json += value ? "true" : "false"
        case let value as Int: json += String(value)
        case let value as Double: json += value.isFinite ? value.description : "null"
        case let value as String: JSONEscapes.appendQuoted(value, to: &json)
        default: json += "null"
        }
    }
}
