import ConfigCatEvaluation

/// A message about a place in a file, in the form that compilers use and builds link: `file:line:column: error: …`.
package struct SourceDiagnostic: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Severity: String, Sendable { case error, warning }

    package var severity = Severity.error
    package var file: String
    /// The line, from 1.
    package var line = 1
    /// The column in bytes, from 1.
    package var column = 1
    package var message: String

    /// One line, because the next line would no longer belong to the place.
    package var description: String { "\(file):\(line):\(column): \(severity.rawValue): \(OneLine.text(message))" }
}

/// Errors in the files that declarations are generated from.
package struct GenerationError: Error, Sendable, CustomStringConvertible {
    package var diagnostics: [SourceDiagnostic]

    package init(_ diagnostics: [SourceDiagnostic]) { self.diagnostics = diagnostics }

    package var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
