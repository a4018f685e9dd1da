import ConfigCat
import ConfigCatCache
import ConfigCatEvaluation
import NIOHTTP1
import Synchronization

/// The config JSON that is served, as its file was when it was last valid.
final class ServedDocument: CDNDocument {
    struct Content: Sendable {
        var body: [UInt8]
        var eTag: String
        /// Whether the CDN fails instead.
        var isUnavailable = false
    }

    private let path: String
    private let state: Mutex<Content>

    init(path: String) throws(Failure) {
        self.path = path
        state = Mutex(try Self.read(path))
    }

    func content(for path: String) -> Content? { state.withLock { $0 } }

    func answered(_ request: HTTPRequestHead, path: String, status: Int) {
        let agent = request.headers.first(name: "X-ConfigCat-UserAgent").map { " \($0)" } ?? ""
        Console.write("\(RequestLog.time()) \(request.method) \(RequestLog.masked(path)) \(status)\(agent)")
    }

    func reload() {
        do {
            let new = try Self.read(path)
            let isNew = state.withLock { content in
                defer { content = new }
                return content.eTag != new.eTag
            }
            if isNew { Console.write("\(RequestLog.time()) reloaded \(path), ETag \(new.eTag)") }
        } catch {
            Console.warn("\(RequestLog.time()) \(error); the last valid config is served on")
        }
    }

    private static func read(_ path: String) throws(Failure) -> Content {
        let text = try ConfigFile.version6(path)
        return Content(body: Array(text.utf8), eTag: "\"\(CacheKey.sha1(text).prefix(16))\"")
    }
}
