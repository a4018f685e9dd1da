public import ConfigCatEvaluation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Overrides in a file: `{"flags": {key: value}}`, or a full config JSON, v6 or v5.
public struct LocalFileDataSource: OverrideDataSource {
    public let behaviour: OverrideBehaviour
    /// Where the file is.
    public let path: String

    /// Overrides in a file.
    ///
    /// - Parameters:
    ///   - path: Where the file is.
    ///   - behaviour: How the overrides and the downloaded config go together.
    public init(path: String, behaviour: OverrideBehaviour) {
        self.path = path
        self.behaviour = behaviour
    }

    public func overrides() throws -> Config {
        try Config(contentsOfFile: path)
    }
}

extension Config {
    /// Reads config JSON v6 or v5, or plain values, from a file.
    ///
    /// - Parameter path: Where the file is.
    /// - Throws: `OverrideError` if the file is absent, unreadable, not JSON or not a config.
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
