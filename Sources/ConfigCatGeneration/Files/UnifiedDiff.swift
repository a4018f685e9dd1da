/// The differences of two texts, in the format of `diff -u`.
package enum UnifiedDiff {
    /// The number of unchanged lines around a change.
    private static let context = 3
    /// The greatest number of lines for which the shortest difference is computed. Its time grows with the square.
    private static let limit = 2000

    private struct Line {
        /// A space, `-` or `+`.
        var mark: Character
        var text: Substring
    }

    /// Returns the differences of two texts.
    ///
    /// - Parameters:
    ///   - old: The old text, and its name in the header.
    ///   - new: The new text, and its name in the header.
    /// - Returns: The differences without a line break at the end; empty if there are none.
    package static func text(_ old: (name: String, text: String), _ new: (name: String, text: String)) -> String {
        let lines = lines(split(old.text), split(new.text))
        guard lines.contains(where: { $0.mark != " " }) else { return "" }
        var output = ["--- \(old.name)", "+++ \(new.name)"]
        for range in hunks(lines) {
            let before = lines[..<range.lowerBound]
            func place(_ other: Character) -> String {
                let count = lines[range].count { $0.mark != other }
                let start = before.count { $0.mark != other } + (count == 0 ? 0 : 1)
                return "\(start),\(count)"
            }
            output.append("@@ -\(place("+")) +\(place("-")) @@")
            output += lines[range].map { String($0.mark) + $0.text }
        }
        return output.joined(separator: "\n")
    }

    /// Splits at line feeds alone: a carriage return is part of a line, so that a difference in it is seen.
    private static func split(_ text: String) -> [Substring] {
        var lines = text.unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" })
            .map { Substring($0) }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func lines(_ old: [Substring], _ new: [Substring]) -> [Line] {
        let shared = min(old.count, new.count)
        let head = (0..<shared).first { !isSame(old[$0], new[$0]) } ?? shared
        let tail =
            (0..<(shared - head)).first { !isSame(old[old.count - 1 - $0], new[new.count - 1 - $0]) }
            ?? shared - head
        let middle = changes(Array(old[head..<old.count - tail]), Array(new[head..<new.count - tail]))
        return old[..<head].map { Line(mark: " ", text: $0) } + middle
            + old[(old.count - tail)...].map { Line(mark: " ", text: $0) }
    }

    private static func changes(_ old: [Substring], _ new: [Substring]) -> [Line] {
        var removed: Set<Int> = Set(old.indices)
        var inserted: Set<Int> = Set(new.indices)
        if old.count <= limit, new.count <= limit {
            (removed, inserted) = ([], [])
            for change in new.difference(from: old, by: isSame) {
                switch change {
                case .remove(let offset, _, _): removed.insert(offset)
                case .insert(let offset, _, _): inserted.insert(offset)
                }
            }
        }
        var lines: [Line] = []
        var (oldIndex, newIndex) = (0, 0)
        while oldIndex < old.count || newIndex < new.count {
            if oldIndex < old.count, removed.contains(oldIndex) {
                lines.append(Line(mark: "-", text: old[oldIndex]))
                oldIndex += 1
            } else if newIndex < new.count, inserted.contains(newIndex) {
                lines.append(Line(mark: "+", text: new[newIndex]))
                newIndex += 1
            } else {
                guard oldIndex < old.count else { break }
                lines.append(Line(mark: " ", text: old[oldIndex]))
                oldIndex += 1
                newIndex += 1
            }
        }
        return lines
    }

    private static func isSame(_ left: Substring, _ right: Substring) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }

    /// Returns the ranges of lines to show: changes with their context, joined where they touch.
    private static func hunks(_ lines: [Line]) -> [Range<Int>] {
        var hunks: [Range<Int>] = []
        for index in lines.indices where lines[index].mark != " " {
            let range = max(0, index - context)..<min(lines.count, index + context + 1)
            if let last = hunks.last, last.upperBound >= range.lowerBound {
                hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
            } else {
                hunks.append(range)
            }
        }
        return hunks
    }
}
