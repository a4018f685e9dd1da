import ConfigCatEvaluation

/// A table with aligned columns.
///
/// Existing table packages count characters instead of terminal columns, and depend on all of Foundation.
package struct TextTable {
    private var rows: [[String]]

    package init(_ header: String...) { rows = [header] }

    package mutating func add(_ cells: String...) {
        // A line break would split the row, and other control characters would control the terminal.
        rows.append(
            cells.map { cell in
                cell.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
                    .map { OneLine.text(String($0)) }.joined(separator: "⏎")
            })
    }

    /// The header and the rows, with every cell but the last of each row padded.
    package var text: String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? Self.width($0[column]) : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index == row.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[index] - Self.width(cell))
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// Returns the number of terminal columns of a string: two for each East Asian wide character or emoji.
    private static func width(_ text: String) -> Int {
        text.reduce(0) { sum, character in
            let first = character.unicodeScalars.first?.value ?? 0
            let isWide =
                switch first {
                case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
                    0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
                    0x20000...0x3FFFD:
                    true
                default: false
                }
            return sum + (isWide ? 2 : 1)
        }
    }
}
