import ConfigCatEvaluation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads and writes the files of a generation: what `configcatctl generate` and the plugins have in common.
package struct GenerationRun: Sendable {
    package var generation: FlagGeneration
    /// The path of the file to write.
    package var output: String
    /// The path of the manifest to write, if any.
    package var manifestOutput: String?
    /// Whether settings that the existing file declares, and that are gone, are declared as deprecated once.
    package var keepsRemoved = true

    package init(generation: FlagGeneration, output: String, manifestOutput: String? = nil) {
        self.generation = generation
        self.output = output
        self.manifestOutput = manifestOutput
    }

    /// An error about a whole file.
    package struct FileError: Error, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// The result of a check.
    package struct Check: Sendable {
        /// The differences between the existing files and those that would be written; empty if they are up to date.
        package var difference: String
        package var warnings: [SourceDiagnostic]
    }

    /// Generates and writes the files. A file whose content would stay the same is not written.
    ///
    /// - Returns: What is worth a warning.
    /// - Throws: ``GenerationError`` if the input is invalid; ``FileError`` if a file cannot be read or written, or if it
    ///   exists and this generator did not write it.
    package func write() throws -> [SourceDiagnostic] {
        let (result, code, manifest) = try generate()
        // The code is last: once it is written, the next run no longer declares what this run deprecates.
        if let manifestOutput, manifest != result.manifest.data {
            try Self.write(result.manifest.data, to: manifestOutput)
        }
        if code != result.code.data { try Self.write(result.code.data, to: output) }
        return result.warnings
    }

    /// Compares the files with those that would be written.
    ///
    /// - Throws: The same as ``write()``.
    package func check() throws -> Check {
        let (result, code, manifest) = try generate()
        var differences: [String] = []
        func compare(_ path: String, _ old: Data?, _ new: String) {
            guard old != new.data else { return }
            let old = String(decoding: old ?? Data(), as: UTF8.self)
            let difference = UnifiedDiff.text((path, old), (path + " (generated)", new))
            // The existing file may contain anything, also what controls a terminal.
            let lines = difference.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            differences.append(
                difference.isEmpty
                    ? "\(path): is out of date" : lines.map { OneLine.text(String($0)) }.joined(separator: "\n"))
        }
        compare(output, code, keepsRemoved ? result.expectedCode : result.code)
        if let manifestOutput { compare(manifestOutput, manifest, result.manifest) }
        return Check(difference: differences.joined(separator: "\n"), warnings: result.warnings)
    }

    private func generate() throws -> (FlagGeneration.Result, code: Data?, manifest: Data?) {
        guard try manifestOutput.map(Self.place) != Self.place(of: output) else {
            throw FileError(description: "\(output): the code and the manifest need files of their own")
        }
        let code = try Self.existing(output)
        if let code, !GeneratedHeader.begins(String(decoding: code, as: UTF8.self)) {
            throw FileError(description: "\(output): the generator did not write this file, so it does not replace it")
        }
        let manifest = try manifestOutput.flatMap(Self.existing)
        if let manifestOutput, let manifest, !FlagManifest.isGenerated(Array(manifest)) {
            throw FileError(
                description: "\(manifestOutput): the generator did not write this file, so it does not replace it")
        }
        var generation = generation
        if keepsRemoved { generation.previous = code.map { String(decoding: $0, as: UTF8.self) } }
        return (try generation.run(), code, manifest)
    }

    // MARK: - Files

    /// Reads a file.
    ///
    /// - Throws: ``FileError`` if it cannot be read.
    package static func read(_ path: String) throws -> SourceText {
        guard let data = try existing(path) else { throw FileError(description: "\(path): no such file") }
        return SourceText(name: path, bytes: Array(data))
    }

    /// Returns a file's content; nil if there is no such file.
    private static func existing(_ path: String) throws -> Data? {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return nil }
        if isDirectory { throw FileError(description: "\(path): is a directory") }
        do {
            return try Data(contentsOf: URL(filePath: path))
        } catch {
            throw FileError(description: "\(path): cannot be read")
        }
    }

    /// Returns the path of the file that a path leads to through links. An atomic write would replace a link by a file.
    private static func target(of path: String) throws(FileError) -> String {
        var target = path
        for _ in 0..<40 {
            guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: target) else { return target }
            target = next.hasPrefix("/") ? next : folder(of: target) + next
        }
        throw FileError(description: "\(path): too many links")
    }

    /// Returns the folder of a path with a slash at its end; empty if the path is a name.
    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    /// Returns the absolute path of a file without links, whether the file exists or not.
    private static func place(of path: String) throws(FileError) -> String {
        let target = try target(of: path)
        let folder = folder(of: target)
        let name = target.dropFirst(folder.count)
        return URL(filePath: folder.isEmpty ? "." : folder).resolvingSymlinksInPath().standardizedFileURL.path + "/"
            + name
    }

    private static func write(_ data: Data, to path: String) throws {
        do {
            try data.write(to: URL(filePath: target(of: path)), options: .atomic)
        } catch let error as FileError {
            throw error
        } catch {
            throw FileError(description: "\(path): cannot be written; does its folder exist?")
        }
    }
}

extension String {
    fileprivate var data: Data { Data(utf8) }
}
