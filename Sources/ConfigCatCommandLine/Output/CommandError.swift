import ConfigCatEvaluation

/// An error that ends a command with a line on standard error and exit code 1.
package struct CommandError: Error, CustomStringConvertible {
    package var description: String

    /// Creates an error. Its description may quote files: control characters are escaped.
    package init(_ description: String) { self.description = OneLine.text(description) }
}
