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
    /// The kind of error. A later release may add codes, so a `switch` needs a `default`.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The id of the log event that reports the error.
        public let rawValue: Int

        /// Creates a code from the id of its log event.
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// The file does not exist. (Event 1300)
        public static let fileNotFound = Self(rawValue: 1300)
        /// The file cannot be read. (Event 1302)
        public static let fileNotReadable = Self(rawValue: 1302)
        /// The file's content is not JSON, or is not a config. (Event 2302)
        public static let invalidContent = Self(rawValue: 2302)

        /// The name of the code, such as `fileNotFound`; its number, if this release does not know it.
        public var description: String {
            switch self {
            case .fileNotFound: "fileNotFound"
            case .fileNotReadable: "fileNotReadable"
            case .invalidContent: "invalidContent"
            default: "\(rawValue)"
            }
        }
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
