import ConfigCatCommandLine
import ConfigCatEvaluation
import ConfigCat

/// Evaluates JSON lines: each input line `{"key", "default", "user"}` gives one output line with the result.
struct Batch {
    let snapshot: ConfigCatClientSnapshot

    /// Returns the output line for an input line. If the input is invalid, the output line contains the error.
    func answer(_ line: String) -> String {
        do {
            let document: JSONDocument
            do {
                document = try JSONDocument(Array(line.utf8))
            } catch {
                throw InputError("not JSON: \(error)")
            }
            return try answer(document)
        } catch {
            return output(key: nil, value: nil, error: "\(error)")
        }
    }

    private func answer(_ document: JSONDocument) throws -> String {
        guard document.kind(of: document.root) == .object else { throw InputError("the line is not a JSON object") }
        guard let keyNode = document.member("key", of: document.root), document.kind(of: keyNode) == .string else {
            throw InputError("\"key\" is missing or not a string")
        }
        let key = document.text(of: keyNode)
        let user = try document.member("user", of: document.root).flatMap { try UserJSON.user($0, in: document) }
        guard let defaultNode = document.member("default", of: document.root) else {
            return output(snapshot.getValueDetails(for: key, defaultValue: nil as (any Sendable)?, user: user))
        }
        switch document.kind(of: defaultNode) {
        case .true, .false:
            return output(
                snapshot.getValueDetails(for: key, defaultValue: document.kind(of: defaultNode) == .true, user: user))
        case .string:
            return output(snapshot.getValueDetails(for: key, defaultValue: document.text(of: defaultNode), user: user))
        case .number:
            // JSON has one type for both: a whole number is a legal default for a Double setting.
            if let integer = Int(document.text(of: defaultNode)), snapshot.config?[key]?.type != .double {
                return output(snapshot.getValueDetails(for: key, defaultValue: integer, user: user))
            }
            return output(
                snapshot.getValueDetails(for: key, defaultValue: document.double(of: defaultNode) ?? 0, user: user))
        default:
            throw InputError("\"default\" is not a Bool, string or number")
        }
    }

    private func output<Value>(_ details: TypedEvaluationDetails<Value>) -> String {
        var line = JSONLine()
        line.add("key", details.key)
        line.add("value", json: SettingValue(any: details.value)?.json ?? "null")
        line.add("variationId", details.variationId)
        line.add("isDefaultValue", details.isDefaultValue)
        line.add("matchedTargetingRule", details.matchedTargetingRule?.position)
        line.add("matchedPercentageOption", details.matchedPercentageOption?.position)
        line.add("error", details.error)
        return line.text
    }

    private func output(key: String?, value: SettingValue?, error: String) -> String {
        var line = JSONLine()
        line.add("key", key)
        line.add("value", json: "null")
        line.add("variationId", nil as String?)
        line.add("isDefaultValue", true)
        line.add("matchedTargetingRule", nil as Int?)
        line.add("matchedPercentageOption", nil as Int?)
        line.add("error", error)
        return line.text
    }
}
