import ConfigCatCommandLine
import ConfigCat
import ConfigCatCache
import ConfigCatEvaluation
import NIOHTTP1
import Synchronization

/// The served config JSON: the last valid content of its file.
final class ServedDocument: CDNDocument {
    private let path: String
    private let state: Mutex<CDNContent>

    init(path: String) throws(CommandError) {
        self.path = path
        state = Mutex(try Self.read(path))
    }

    func content(for path: String) -> CDNContent? { state.withLock { $0 } }

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
            Console.warn("\(RequestLog.time()) \(error); the last valid config is still served")
        }
    }

    private static func read(_ path: String) throws(CommandError) -> CDNContent {
        let text = try ConfigFile.version6(path)
        return CDNContent(body: Array(text.utf8), eTag: "\"\(CacheKey.sha1(text).prefix(16))\"")
    }
}
