import ArgumentParser
import AsyncHTTPClient
import ConfigCatCommandLine
import ConfigCatEvaluation
import ConfigCatPlatform
import ConfigCatServing
import NIOCore
import NIOHTTP1

/// The options that name a running development server, and one of its configs.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The server's URL.", valueName: "url"))
    var server = "http://127.0.0.1:8080"

    @Option(help: ArgumentHelp("The ID of the config, if the server has several.", valueName: "id"))
    var config: String?

    @Option(
        help: """
            The server's token. Other users of the machine see arguments; the environment variable CONFIGCAT_TOKEN is hidden \
            from them.
            """)
    var token: String?

    /// Returns the config of the server.
    ///
    /// - Throws: `CommandError` if the server cannot be reached, or it has several configs and none was named.
    func config() async throws -> ServerConfig {
        let token = token ?? getenv("CONFIGCAT_TOKEN").map { String(cString: $0) }
        var base = server
        while base.hasSuffix("/") { base.removeLast() }
        if !base.contains("://") { base = "http://" + base }
        // The HTTP client would trap on the port, and quote the token in its error.
        guard Self.hasValidPort(base) else { throw CommandError("\(OneLine.text(base)): the port is invalid") }
        guard token?.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) ?? true else {
            throw CommandError("the token has characters that a header cannot have, such as a line break at its end")
        }
        let connection = ServerConnection(url: base, token: token)
        if let config { return ServerConfig(connection: connection, id: config) }
        let configs = try await connection.send(.GET, ["configs"])["configs"]?.array ?? []
        let ids = configs.compactMap { $0["id"]?.text }
        guard let id = ids.first, ids.count == 1 else {
            throw CommandError(
                "the server has \(ids.count) configs; choose one with --config: \(ids.map { OneLine.text($0) }.joined(separator: ", "))"
            )
        }
        return ServerConfig(connection: connection, id: id)
    }
}

extension ServerOptions {
    /// Returns whether a URL has no port, or one from 0 to 65535.
    private static func hasValidPort(_ url: String) -> Bool {
        guard let scheme = url.firstRange(of: "://") else { return true }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        guard let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") else { return true }
        let port = host[host.index(after: colon)...]
        return port.isEmpty || UInt16(port) != nil
    }
}

/// One config of a development server.
struct ServerConfig {
    let connection: ServerConnection
    let id: String

    /// Sends a request about the config.
    func send(
        _ method: HTTPMethod, _ path: [String], query: [(String, String)] = [], body: JSONValue? = nil
    ) async throws -> JSONValue {
        try await connection.send(method, ["configs", id] + path, query: query, body: body)
    }

    /// Returns the type of a setting.
    ///
    /// - Throws: `CommandError`, which suggests similar keys, if there is no such setting.
    func type(of key: String) async throws -> SettingType {
        let settings = try await send(.GET, ["settings"])["settings"]?.array ?? []
        let found = settings.first { $0["key"]?.text?.utf8.elementsEqual(key.utf8) ?? false }
        guard let found else {
            let near = NearestKeys.suggestions(for: key, among: settings.compactMap { $0["key"]?.text })
            let hint =
                near.isEmpty ? "" : "; did you mean \(near.map { "'\(OneLine.text($0))'" }.joined(separator: " or "))?"
            throw CommandError("the config has no setting '\(OneLine.text(key))'\(hint)")
        }
        guard let name = found["type"]?.text, let type = SettingType.allCases.first(where: { $0.name == name }) else {
            throw CommandError(
                "the setting '\(OneLine.text(key))' is malformed: \(OneLine.text(found["problem"]?.text ?? "it has no type"))"
            )
        }
        return type
    }
}

/// Sends requests to the API of a development server.
struct ServerConnection {
    let url: String
    let token: String?

    private static let timeout = TimeAmount.seconds(15)
    private static let limit = 64 << 20

    /// Sends a request.
    ///
    /// - Returns: The body of the response; `null` if it is empty.
    /// - Throws: `CommandError` with the server's message, or if the server cannot be reached.
    func send(
        _ method: HTTPMethod, _ path: [String], query: [(String, String)] = [], body: JSONValue? = nil
    ) async throws(CommandError) -> JSONValue {
        var target = url + "/api/dev/" + path.map(Self.escaped).joined(separator: "/")
        if !query.isEmpty { target += "?" + query.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&") }
        var request = HTTPClientRequest(url: target)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body.json))
        }
        let status: Int
        let bytes: [UInt8]
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: Self.timeout)
            status = Int(response.status.code)
            bytes = Array(try await response.body.collect(upTo: Self.limit).readableBytesView)
        } catch {
            throw CommandError(
                "no server answers at \(OneLine.text(url)) (\(Self.reason(error))); start one with 'configcatctl serve', or name it "
                    + "with --server")
        }
        let json = bytes.isEmpty ? JSONValue.null : try? JSONValue(bytes)
        guard (200..<300).contains(status), let json else {
            let message = json?["error"]?.text
            if status == 401 { throw CommandError("the server needs its token: set CONFIGCAT_TOKEN, or give --token") }
            if let message { throw CommandError(OneLine.text(message)) }
            throw CommandError("\(OneLine.text(url)) is not a development server: it answers with status \(status)")
        }
        return json
    }

    private static func reason(_ error: any Error) -> String {
        let text = OneLine.text("\(error)")
        return text.utf8.count <= 200 ? text : String(text.prefix(200)) + "..."
    }

    /// Returns a string in which all bytes but the unreserved ones (RFC 3986, 2.3) are escaped.
    private static func escaped(_ text: String) -> String {
        // A path segment of only dots would be resolved, and not sent.
        let isDots = text.utf8.allSatisfy { $0 == UInt8(ascii: ".") }
        return text.utf8.reduce(into: "") { escaped, byte in
            let scalar = Unicode.Scalar(byte)
            let isUnreserved = byte < 0x80 && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            if isUnreserved || "-_~".unicodeScalars.contains(scalar) || (scalar == "." && !isDots) {
                escaped.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
    }
}
