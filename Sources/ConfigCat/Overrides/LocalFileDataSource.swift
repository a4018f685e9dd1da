public import ConfigCatEvaluation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Local overrides from a file: `{"flags": {key: value}}`, or a whole config JSON, v6 or v5. The client follows changes
/// of the file.
///
///     options.flagOverrides = LocalFileDataSource(path: "/etc/flags.json", behaviour: .localOverRemote)
public struct LocalFileDataSource: OverrideDataSource {
    /// The way in which the overrides and the downloaded config are combined.
    public let behaviour: OverrideBehaviour
    /// The path of the file.
    public let path: String

    /// Creates overrides from a file.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - behaviour: The way in which the overrides and the downloaded config are combined.
    public init(path: String, behaviour: OverrideBehaviour) {
        self.path = path
        self.behaviour = behaviour
    }

    /// Reads the file.
    ///
    /// - Returns: The overrides.
    /// - Throws: ``OverrideError`` if the file is absent, unreadable, not JSON or not a config.
    public func overrides() throws -> Config {
        try Config(contentsOfFile: path)
    }
}

extension Config {
    /// Creates a config from a file with config JSON, v6 or v5, or with plain values.
    ///
    /// - Parameter path: The path of the file.
    /// - Throws: ``OverrideError`` if the file is absent, unreadable, not JSON or not a config.
    public init(contentsOfFile path: String) throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            let isAbsent = (error as? CocoaError)?.code == .fileReadNoSuchFile
            var isDirectory = false
            _ = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            throw OverrideError(
                code: isAbsent ? .fileNotFound : .fileNotReadable,
                message: "\(path): " + (isAbsent ? "no such file" : isDirectory ? "is a directory" : "cannot be read"),
                underlying: error)
        }
        do {
            try self.init(json: data)
        } catch {
            throw OverrideError(code: .invalidContent, message: "\(path): \(error)", underlying: error)
        }
    }
}
