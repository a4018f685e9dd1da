package import ConfigCat
import ConfigCatCache
import ConfigCatCommandLine
package import ConfigCatEvaluation
import HTTPTypes
package import NIOCore
import Synchronization

/// One version of a config as it is served: compressed, hashed and decoded once, however many requests there are.
package final class ServedDocument: Sendable {
    /// The config in one of its layouts.
    package struct Layout: Sendable {
        package let body: ByteBuffer
        /// The body in gzip; nil if that is not shorter.
        package let compressed: ByteBuffer?
        /// The ETag with its quotes: a hash of the body, so that all replicas have the same.
        package let eTag: String
        /// The headers of a response with the body, with the compressed body, and without a body.
        let headers, compressedHeaders, notModifiedHeaders: HTTPFields

        package init(_ json: String) {
            let bytes = Array(json.utf8)
            body = ByteBuffer(bytes: bytes)
            compressed = Gzip.compress(bytes).flatMap { $0.readableBytes < bytes.count ? $0 : nil }
            eTag = "\"\(CacheKey.sha1(json).prefix(16))\""
            (headers, compressedHeaders, notModifiedHeaders) = Self.makeHeaders(eTag: eTag)
        }
    }

    /// The number of this version, from 1 since the server's start.
    package let number: Int
    /// The config, overrides included.
    package let config: Config
    /// Evaluates the config, without a log.
    package let snapshot: ConfigCatClientSnapshot
    /// Config JSON v6.
    package let version6: Layout

    private let cachedVersion5 = Mutex<Result<Layout, Version5Document.Obstacles>?>(nil)

    package var eTag: String { version6.eTag }

    /// Creates a version.
    ///
    /// - Parameters:
    ///   - json: Config JSON v6.
    ///   - number: The number of the version.
    /// - Throws: `ConfigDecodingError` if the JSON is not a config.
    package init(json: String, number: Int) throws(ConfigDecodingError) {
        self.number = number
        config = try Config(json: json)
        snapshot = ConfigCatClientSnapshot(config: config, logger: .silent)
        version6 = Layout(json)
    }

    /// Returns config JSON v5 for old SDKs, which is created for the first that asks.
    ///
    /// - Throws: ``Version5Document.Obstacles`` if v5 cannot express the config.
    func version5() throws(Version5Document.Obstacles) -> Layout {
        let result = cachedVersion5.withLock { cached in
            if let cached { return cached }
            let result = Result { () throws(Version5Document.Obstacles) in
                Layout(try Version5Document.make(from: config).json)
            }
            cached = result
            return result
        }
        return try result.get()
    }
}
