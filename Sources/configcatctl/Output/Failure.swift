import ArgumentParser

/// What ends a command: a line on standard error, and exit code 1.
struct Failure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
