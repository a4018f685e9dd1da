#if Configuration
    /// Durations as they are written in configuration: `30` or `1.5` for seconds, or a number with a unit, such as
    /// `500ms`, `30s`, `5m` and `1h`.
    enum DurationText {
        /// The form, for messages.
        static let form = "a number of seconds, or a number with the unit ms, s, m or h, such as 500ms"

        private static let units: [(name: String, seconds: Double)] = [
            ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600),
        ]
        /// Longer times than any option takes. It keeps the conversion from overflowing.
        private static let most = 1e10

        /// Returns the duration that a string stands for; nil if it does not stand for one.
        static func duration(_ text: String) -> Duration? {
            let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let unit = text.dropFirst(number.count)
            guard number.first != ".", number.last != ".", let value = Double(number),
                let seconds = unit.isEmpty ? 1 : units.first(where: { $0.name == unit })?.seconds
            else { return nil }
            return seconds == 0.001 ? duration(seconds: value / 1000) : duration(seconds: value * seconds)
        }

        /// Returns a duration of whole microseconds; nil if it is negative, not finite or too long.
        static func duration(seconds: Double) -> Duration? {
            guard seconds >= 0, seconds <= most else { return nil }
            return .microseconds(Int64((seconds * 1_000_000).rounded()))
        }

        /// Returns a duration as it is written.
        static func text(_ duration: Duration) -> String {
            let (seconds, attoseconds) = duration.components
            return attoseconds == 0 ? "\(seconds)s" : "\(Double(seconds) + Double(attoseconds) / 1e18)s"
        }
    }
#endif
