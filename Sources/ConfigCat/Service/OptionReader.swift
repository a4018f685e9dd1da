#if Configuration
    import Configuration

    /// Reads settings, and collects what is wrong with them, so that one error reports all.
    struct OptionReader {
        /// A value as its provider has it. Environment variables are strings; files may have other types.
        enum Value {
            case string(String)
            case int(Int)
            case double(Double)
            case bool(Bool)
            case array
            case bytes

            /// The value, for messages.
            var text: String {
                switch self {
                case .string(let value):
                    value.utf8.count > 500 ? "'\(String(value.unicodeScalars.prefix(100)))…'" : "'\(value)'"
                case .int(let value): "\(value)"
                case .double(let value): "\(value)"
                case .bool(let value): "\(value)"
                case .array: "an array"
                case .bytes: "bytes"
                }
            }
        }

        let reader: ConfigReader
        private(set) var problems: [String] = []

        init(_ reader: ConfigReader) { self.reader = reader }

        /// Returns the value of a setting; nil if it is not set, or an empty string, as in `CONFIGCAT_BASE_URL=`.
        ///
        /// A reader does not tell an absent setting from one of another type, so each type is tried.
        func value(_ key: OptionKey) -> Value? {
            let (name, isSecret) = (key.configKey, key.isSecret)
            if let value = reader.string(forKey: name, isSecret: isSecret) {
                return value.isEmpty ? nil : .string(value)
            }
            if let value = reader.int(forKey: name, isSecret: isSecret) { return .int(value) }
            if let value = reader.double(forKey: name, isSecret: isSecret) { return .double(value) }
            if let value = reader.bool(forKey: name, isSecret: isSecret) { return .bool(value) }
            if reader.stringArray(forKey: name, isSecret: isSecret) != nil { return .array }
            if reader.doubleArray(forKey: name, isSecret: isSecret) != nil { return .array }
            if reader.intArray(forKey: name, isSecret: isSecret) != nil { return .array }
            if reader.boolArray(forKey: name, isSecret: isSecret) != nil { return .array }
            if reader.byteChunkArray(forKey: name, isSecret: isSecret) != nil { return .array }
            if reader.bytes(forKey: name, isSecret: isSecret) != nil { return .bytes }
            return nil
        }

        /// Adds a problem.
        ///
        /// - Parameters:
        ///   - key: The setting that is wrong.
        ///   - message: What is wrong with it, and what it has to be, such as "is not set".
        mutating func report(_ key: OptionKey, _ message: String) { problems.append("\(key.rawValue) \(message)") }

        /// Returns a setting that a closure converts; nil if it is not set, or cannot be converted, which is reported.
        mutating func read<Result>(_ key: OptionKey, _ expected: String, _ convert: (Value) -> Result?) -> Result? {
            guard let value = value(key) else { return nil }
            if let result = convert(value) { return result }
            report(key, (key.isSecret ? "is invalid" : "is \(value.text)") + "; it has to be \(expected)")
            return nil
        }

        mutating func string(_ key: OptionKey, _ expected: String = "a string") -> String? {
            read(key, expected) { if case .string(let text) = $0 { text } else { nil } }
        }

        mutating func bool(_ key: OptionKey) -> Bool? {
            read(key, "true or false") { value in
                switch value {
                case .bool(let value): value
                // JSON providers return true as 1.
                case .int(1): true
                case .int(0): false
                case .string(let text):
                    switch text.lowercased() {
                    case "true", "yes", "1": true
                    case "false", "no", "0": false
                    default: nil
                    }
                default: nil
                }
            }
        }

        mutating func int(_ key: OptionKey, in range: ClosedRange<Int>) -> Int? {
            read(key, "a whole number from \(range.lowerBound) to \(range.upperBound)") { value in
                let number: Int? =
                    switch value {
                    case .int(let number): number
                    case .string(let text): Int(text)
                    default: nil
                    }
                return number.flatMap { range.contains($0) ? $0 : nil }
            }
        }

        mutating func double(_ key: OptionKey, in range: ClosedRange<Double>) -> Double? {
            read(key, "a number from \(range.lowerBound) to \(range.upperBound)") { value in
                let number: Double? =
                    switch value {
                    case .int(let number): Double(number)
                    case .double(let number): number
                    case .string(let text): Double(text)
                    default: nil
                    }
                return number.flatMap { range.contains($0) ? $0 : nil }
            }
        }

        mutating func duration(_ key: OptionKey, in range: ClosedRange<Duration>) -> Duration? {
            let limits = "from \(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
            return read(key, "\(DurationText.form), \(limits)") { value in
                let duration: Duration? =
                    switch value {
                    case .int(let number): DurationText.duration(seconds: Double(number))
                    case .double(let number): DurationText.duration(seconds: number)
                    case .string(let text): DurationText.duration(text)
                    default: nil
                    }
                return duration.flatMap { range.contains($0) ? $0 : nil }
            }
        }

        mutating func choice<Result>(_ key: OptionKey, _ choices: [(name: String, value: Result)]) -> Result? {
            let names = choices.map(\.name)
            let expected = names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
            return read(key, expected) { value in
                guard case .string(let text) = value else { return nil }
                return choices.first { $0.name == text }?.value
            }
        }

        /// Throws the problems as one error, if there are any.
        func check() throws(ConfigCatError) {
            guard let first = problems.first else { return }
            let message =
                problems.count == 1
                ? first : "\(problems.count) settings are wrong:" + problems.map { "\n- \($0)" }.joined()
            throw ConfigCatError(code: .invalidConfiguration, message: message)
        }
    }
#endif
