package import Foundation

/// The certificates that `Scripts/certificates.sh` creates.
package enum Certificates {
    package static let isAvailable = Tools.has("openssl")

    package static func make(in folder: URL) async throws -> URL {
        let target = folder.appending(path: "certificates")
        try await Tools.run(Tools.project.appending(path: "Scripts/certificates.sh").path, target.path)
        return target
    }
}
