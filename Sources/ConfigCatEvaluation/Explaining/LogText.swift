/// Text in lines, which stops growing at a limit. Its last line then says so.
struct LogText {
    /// The greatest length, in bytes. A config could make an explanation very long by repeated references to flags.
    static let limit = 1 << 20
    static let end = "\n... the rest is left out, because the explanation is longer than 1 MiB."

    /// The length from which on the text has the capacity for the limit, because repeated doubling would take several
    /// times as much memory.
    private static let long = 1 << 16

    private(set) var text = ""
    private(set) var isFull = false
    var indent = 0

    private var lines: [Line] = []
    private var open: [Passage] = []
    private var passages: [PassageSubject: Passage] = [:]

    /// A line that `newLine` has begun.
    private struct Line {
        var start: Int
        var indent: Int
    }

    /// A part of the text that can be repeated.
    private struct Passage {
        var start: Int
        var end = 0
        var lines: Range<Int>
        var indent: Int
    }

    /// Appends to the last line. If the text is full, the piece, which can be as long as the config, is not evaluated.
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
        // A scalar must not be cut.
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

    /// Ends the passage that was begun last, and restores the indent of its beginning.
    mutating func endPassage(_ subject: PassageSubject) {
        guard var passage = open.popLast() else { return }
        passage.end = text.utf8.count
        passage.lines = passage.lines.lowerBound..<lines.count
        indent = passage.indent
        passages[subject] = passage
    }

    /// Appends a passage again, with the current indent.
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

    /// Returns a copy of a part. A slice would share the text's storage, and the next append would copy all of it.
    private func piece(_ range: Range<Int>) -> String {
        let start = text.utf8.index(text.startIndex, offsetBy: range.lowerBound)
        return String(text[start..<text.utf8.index(start, offsetBy: range.count)])
    }
}
