package import ConfigCatEvaluation

/// Values as Swift code.
package enum SwiftLiteral {
    /// Returns a string in quotes. What cannot be seen, or changes the direction of the text, is escaped, so that the
    /// code shows what it contains.
    package static func string(_ text: String) -> String {
        var code = "\""
        var isFirst = true
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": code += "\\\""
            case "\\": code += "\\\\"
            case "\n": code += "\\n"
            case "\r": code += "\\r"
            case "\t": code += "\\t"
            case "\0": code += "\\0"
            case " ": code += " "
            default:
                if isVisible(scalar, isFirst: isFirst) {
                    code.unicodeScalars.append(scalar)
                } else {
                    code += "\\u{\(String(scalar.value, radix: 16))}"
                }
            }
            isFirst = false
        }
        return code + "\""
    }

    /// Returns a string in quotes, with all characters but those of ASCII escaped.
    package static func asciiString(_ text: String) -> String {
        "\"" + text.unicodeScalars.map { $0.escaped(asASCII: true) }.joined() + "\""
    }

    private static func isVisible(_ scalar: Unicode.Scalar, isFirst: Bool) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate, .privateUse,
            .unassigned:
            false
        // They would join the quote.
        case .nonspacingMark, .spacingMark, .enclosingMark: !isFirst
        default: true
        }
    }

    /// Returns a value as an expression, which has the right type where a value of that type is expected.
    package static func value(_ value: SettingValue) -> String {
        switch value {
        case .bool(let bool): bool ? "true" : "false"
        case .string(let text): string(text)
        case .int(let int): String(int)
        case .double(let double):
            double.isNaN
                ? ".nan" : double.isInfinite ? (double < 0 ? "-.infinity" : ".infinity") : DecimalFormat.text(double)
        }
    }
}

extension SettingType {
    /// The Swift type of the values.
    package var swiftName: String {
        switch self {
        case .bool: "Bool"
        case .string: "String"
        case .int: "Int"
        case .double: "Double"
        }
    }
}
