/// Lines of text that stop growing at a limit, and then end with a line that says so.
struct LogText {
    /// In bytes. A config can make an explanation as long as it likes, by referring to the same flags over and over.
    static let limit = 1 << 20
    static let end = "\n... the rest is left out, because the explanation is longer than 1 MiB."

    /// From this length on, the text has room up to the limit: doubling its capacity again and again would take several
    /// times as much.
    private static let long = 1 << 16

    private(set) var text = ""
    private(set) var isFull = false
    var indent = 0

    private var lines: [Line] = []
    private var open: [Passage] = []
    private var passages: [PassageSubject: Passage] = [:]

    /// A line that `newLine` began.
    private struct Line {
        var start: Int
        var indent: Int
    }

    /// A part of the text that can be written again.
    private struct Passage {
        var start: Int
        var end = 0
        var lines: Range<Int>
        var indent: Int
    }

    /// Appends to the last line. The piece is not even made if the text is full: it can be as long as the config.
    mutating func append(_ piece: @autoclosure () -> String) {
        if isFull { return }
        let piece = piece()
        let count = text.utf8.count
        let space = Self.limit - count
        if count < Self.long, count + piece.utf8.count >= Self.long {
            text.reserveCapacity(Self.limit + Self.end.utf8.count)
        }
        guard piece.utf8.count > space else {
            text += piece
            return
        }
        var end = piece.utf8.index(piece.startIndex, offsetBy: space)
        // Not within a scalar.
        while piece.utf8[end] & 0xC0 == 0x80 { end = piece.utf8.index(before: end) }
        text += piece[..<end]
        text += Self.end
        isFull = true
    }

    mutating func newLine(_ line: @autoclosure () -> String = "") {
        if isFull { return }
        append("\n")
        lines.append(Line(start: text.utf8.count, indent: indent))
        let margin = String(repeating: "  ", count: max(0, indent))
        append(margin)
        append(line())
    }

    // MARK: - Passages

    mutating func beginPassage() {
        open.append(Passage(start: text.utf8.count, lines: lines.count..<lines.count, indent: indent))
    }

    /// Ends the passage that was begun last, and goes back to the indent that it began with.
    mutating func endPassage(_ subject: PassageSubject) {
        guard var passage = open.popLast() else { return }
        passage.end = text.utf8.count
        passage.lines = passage.lines.lowerBound..<lines.count
        indent = passage.indent
        passages[subject] = passage
    }

    /// Writes a passage again, indented to where the text is now.
    mutating func repeatPassage(_ subject: PassageSubject) {
        guard !isFull, let passage = passages[subject] else { return }
        let here = indent
        for index in passage.lines where !isFull {
            let line = lines[index]
            let start = line.start + 2 * max(0, line.indent)
            let end = index + 1 < passage.lines.upperBound ? lines[index + 1].start - 1 : passage.end
            indent = here + line.indent - passage.indent
            let piece = piece(start..<end)
            newLine(piece)
        }
        indent = here
    }

    /// A copy, because a slice of the text would make it be copied as a whole when it grows.
    private func piece(_ range: Range<Int>) -> String {
        let start = text.utf8.index(text.startIndex, offsetBy: range.lowerBound)
        return String(text[start..<text.utf8.index(start, offsetBy: range.count)])
    }
}
