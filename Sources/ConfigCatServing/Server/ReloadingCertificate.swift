import ConfigCatCache
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// The files of a certificate chain and of its private key, in PEM.
package struct TLSFiles: Sendable, Equatable {
    package var certificates: String
    package var privateKey: String

    package init(certificates: String, privateKey: String) {
        self.certificates = certificates
        self.privateKey = privateKey
    }

    /// Reads both files.
    ///
    /// - Throws: An error of NIOSSL if they cannot be read, or do not belong together.
    func load() throws -> Certificate {
        let chain = try NIOSSLCertificate.fromPEMFile(certificates).map { NIOSSLCertificateSource.certificate($0) }
        let key = NIOSSLPrivateKeySource.privateKey(try NIOSSLPrivateKey(file: privateKey, format: .pem))
        // A context can only be made of a key and a certificate that belong together.
        _ = try NIOSSLContext(configuration: .makeServerConfiguration(certificateChain: chain, privateKey: key))
        return Certificate(certificates: chain, privateKey: key)
    }

    struct Certificate {
        let certificates: [NIOSSLCertificateSource]
        let privateKey: NIOSSLPrivateKeySource
    }
}

/// The server's certificate, which is read again when its files change. Connections that are open keep the old one.
final class ReloadingCertificate: Sendable {
    private let files: TLSFiles
    private let current: Mutex<TLSFiles.Certificate>
    private let watchers: [FileWatcher]
    private let logger: Logger

    init(_ files: TLSFiles, logger: Logger) throws {
        self.files = files
        self.logger = logger
        // The watchers are created before the files are read, so that they notice every later change.
        watchers = [files.certificates, files.privateKey].map { FileWatcher(path: $0) }
        current = Mutex(try files.load())
    }

    func start() {
        for watcher in watchers { watcher.start { [weak self] in self?.reload() } }
    }

    func stop() {
        for watcher in watchers { watcher.stop() }
    }

    /// Reads the files. If they are invalid, for example because one of them is still to be written, the last valid
    /// certificate stays.
    func reload() {
        do {
            let loaded = try files.load()
            current.withLock { $0 = loaded }
            logger.info("The certificate was read again.")
        } catch {
            logger.error("The certificate cannot be used; the last one stays in use.", metadata: ["error": "\(error)"])
        }
    }

    /// The configuration of a server that asks for the certificate in each handshake.
    var configuration: TLSConfiguration {
        let loaded = current.withLock { $0 }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: loaded.certificates, privateKey: loaded.privateKey)
        configuration.minimumTLSVersion = .tlsv12
        configuration.sslContextCallback = { [weak self] _, promise in
            var override = NIOSSLContextConfigurationOverride()
            let loaded = self?.current.withLock { $0 }
            override.certificateChain = loaded?.certificates
            override.privateKey = loaded?.privateKey
            promise.succeed(override)
        }
        return configuration
    }
}
