public import ConfigCatEvaluation

/// Where local overrides come from.
public protocol OverrideDataSource: Sendable {
    /// How the overrides and the downloaded config go together.
    var behaviour: OverrideBehaviour { get }

    /// The overrides.
    ///
    /// - Throws: `OverrideError` if they cannot be read.
    func overrides() throws -> Config
}

extension OverrideBehaviour {
    /// The settings to evaluate. Each keeps the salt and segments of the config it comes from.
    package func settings(local: Config?, remote: Config?) -> Config? {
        guard let local else { return self == .localOnly ? nil : remote }
        guard let remote, self != .localOnly else { return local }
        return self == .localOverRemote ? local.merged(over: remote) : remote.merged(over: local)
    }
}

/// Why overrides could not be read.
public struct OverrideError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Int, Sendable {
        /// The file does not exist. (Event 1300)
        case fileNotFound = 1300
        /// The file cannot be read. (Event 1302)
        case fileNotReadable = 1302
        /// The file's content is not JSON, or no config. (Event 2302)
        case invalidContent = 2302
    }

    /// What kind of fault it is.
    public let code: Code
    /// What is wrong, with the file's path.
    public let message: String
    /// What caused it.
    public let underlying: (any Error)?

    public var description: String { message }
}
