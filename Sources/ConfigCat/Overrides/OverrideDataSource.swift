public import ConfigCatEvaluation

/// A source of local overrides, such as ``LocalDictionaryDataSource`` and ``LocalFileDataSource``.
///
///     struct HostOverrides: OverrideDataSource {
///         let behaviour = OverrideBehaviour.localOverRemote
///
///         func overrides() throws -> Config { try Config(contentsOfFile: "/etc/flags.json") }
///     }
public protocol OverrideDataSource: Sendable {
    /// The way in which the overrides and the downloaded config are combined.
    var behaviour: OverrideBehaviour { get }

    /// Returns the overrides. The client may call this method on any thread.
    ///
    /// - Returns: The overrides.
    /// - Throws: ``OverrideError``, or another error, if they cannot be read. The client logs it and keeps the
    ///   overrides that it has.
    func overrides() throws -> Config
}

extension OverrideBehaviour {
    /// Returns the settings to evaluate. Each one keeps the salt and the segments of the config that it comes from.
    package func settings(local: Config?, remote: Config?) -> Config? {
        guard let local else { return self == .localOnly ? nil : remote }
        guard let remote, self != .localOnly else { return local }
        return self == .localOverRemote ? local.merged(over: remote) : remote.merged(over: local)
    }
}

/// An error that occurred when overrides were read.
///
///     do {
///         config = try Config(contentsOfFile: path)
///     } catch let error as OverrideError where error.code == .fileNotFound {
///         …
///     }
public struct OverrideError: Error, Sendable, CustomStringConvertible {
    /// The kind of error.
    public enum Code: Int, Sendable {
        /// The file does not exist. (Event 1300)
        case fileNotFound = 1300
        /// The file cannot be read. (Event 1302)
        case fileNotReadable = 1302
        /// The file's content is not JSON, or is not a config. (Event 2302)
        case invalidContent = 2302
    }

    /// The kind of error.
    public let code: Code
    /// The path of the file, and what is wrong with the file.
    public let message: String
    /// The cause, if another error led to this one.
    public let underlying: (any Error)?

    /// The message.
    public var description: String { message }
}
