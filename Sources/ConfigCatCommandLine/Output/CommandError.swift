/// What ends a command: a line on standard error, and exit code 1.
package struct CommandError: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
