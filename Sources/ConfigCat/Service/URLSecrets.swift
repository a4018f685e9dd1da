#if Configuration
    /// The parts of a URL that errors must not contain: the user and the password, and the values of its query.
    struct URLSecrets {
        private let parts: [[UInt8]]

        init(_ url: String) {
            let bytes = Array(url.utf8)
            let rest = bytes.firstRange(of: Array("://".utf8)).map { bytes[$0.upperBound...] } ?? bytes[...]
            var parts = [bytes[...]]
            // A URL that begins with a path has no user. A password that contains a "/" may be quoted in part.
            if rest.first != UInt8(ascii: "/"), let end = rest.lastIndex(of: UInt8(ascii: "@")) {
                parts += rest[..<end].split { Array(":/?#".utf8).contains($0) }
            }
            if let query = rest.lastIndex(of: UInt8(ascii: "?")) {
                let members = rest[query...].dropFirst().split(separator: UInt8(ascii: "&"))
                // Shorter values, such as the number of a database, are in many messages.
                parts += members.map { $0.drop { $0 != UInt8(ascii: "=") }.dropFirst() }.filter { $0.count >= 4 }
            }
            self.parts = parts.flatMap { [Array($0), Self.decoded($0)] }
        }

        /// Returns whether a text contains one of the parts, with or without percent encoding.
        func areContained(in text: String) -> Bool {
            let bytes = Array(text.utf8)
            return parts.contains { bytes.contains($0) }
        }

        private static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
            var decoded: [UInt8] = []
            var rest = bytes
            while let byte = rest.popFirst() {
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
                    decoded.append(value)
                    rest.removeFirst(2)
                } else {
                    decoded.append(byte)
                }
            }
            return decoded
        }
    }
#endif
