/// An error that ends a command with a line on standard error and exit code 1.
package struct CommandError: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
