import ConfigCatCache
import ConfigCatCommandLine
import ConfigCatEvaluation
import HTTPTypes
import Hummingbird
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads the bodies of requests.
enum JSONBody {
    /// Returns the object in the body of a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context, which limits the length.
    ///   - names: The members that the object can have.
    ///   - limit: The longest body, in bytes; nil for that of the context.
    /// - Returns: The members.
    /// - Throws: ``HTTPFailure`` with status 413 if the body is too long, and 400 if it is something else.
    static func object(
        of request: Request, _ context: ServingContext, allowing names: Set<String>, upTo limit: Int? = nil
    ) async throws -> JSONObject {
        let limit = limit ?? context.maxUploadSize
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw HTTPFailure(.contentTooLarge, "the body is longer than \(limit) bytes")
        }
        guard buffer.readableBytes > 0 else { throw HTTPFailure(.badRequest, "the body is empty, not a JSON object") }
        let value: JSONValue
        do {
            value = try JSONValue(Array(buffer.readableBytesView))
        } catch {
            throw HTTPFailure(.badRequest, "the body is not JSON: \(error)")
        }
        guard let object = value.object else {
            throw HTTPFailure(.badRequest, "the body is \(value.kind), not a JSON object")
        }
        try check(object, allowing: names, "the body")
        return object
    }

    /// Refuses members that mean nothing, because they are likely misspelled.
    static func check(_ object: JSONObject, allowing names: Set<String>, _ place: String) throws(HTTPFailure) {
        for member in object.members {
            let name = member.name.text ?? ""
            guard !names.contains(name) else { continue }
            let known = names.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
            throw HTTPFailure(.badRequest, "\(place) has the unknown member \"\(name)\"; it can have \(known)")
        }
    }

    /// Returns the user in the member `user`; nil if it is missing or `null`.
    static func user(in body: JSONObject) throws(HTTPFailure) -> ConfigCatUser? {
        guard let user = body["user"] else { return nil }
        do {
            return try UserJSON.user(json: user.json)
        } catch {
            throw HTTPFailure(.badRequest, "\"user\" is invalid: \(error)")
        }
    }
}

extension JSONObject {
    /// Returns the value of the last member with this name, also if it is `null`.
    func last(_ name: String) -> JSONValue? {
        members.last { $0.name.text?.utf8.elementsEqual(name.utf8) ?? false }?.value
    }
}

/// Reads the queries of requests.
enum Query {
    /// Returns the value of a field, in which `+` is a space, as forms write it; nil if there is none.
    ///
    /// - Throws: ``HTTPFailure`` with status 400 if it occurs twice, or is not percent-encoded UTF-8.
    static func value(_ name: String, of request: Request) throws(HTTPFailure) -> String? {
        var found: String?
        for field in (request.uri.query ?? "").split(separator: "&") {
            let end = field.firstIndex(of: "=") ?? field.endIndex
            guard field[..<end] == name else { continue }
            guard found == nil else { throw HTTPFailure(.badRequest, "the query has more than one \"\(name)\"") }
            let text = field[end...].dropFirst().replacing("+", with: " ")
            guard let value = PercentEncoding.decoded(text[...]) else {
                throw HTTPFailure(.badRequest, "the query's \"\(name)\" is not percent-encoded UTF-8")
            }
            found = value
        }
        return found
    }
}

/// An override in the body of an import.
struct ImportedOverride {
    let id: Override.ID
    private let value: JSONValue
    private let isEnabled: Bool

    /// Reads an element of the array.
    ///
    /// - Throws: ``HTTPFailure`` with status 400 if it does not have the form of an override.
    init(_ json: JSONValue, number: Int) throws(HTTPFailure) {
        let place = "override \(number)"
        guard let object = json.object else {
            throw HTTPFailure(.badRequest, "\(place) is \(json.kind), not an object")
        }
        try JSONBody.check(object, allowing: ["key", "user", "value", "enabled"], place)
        guard let key = object["key"]?.text else {
            throw HTTPFailure(.badRequest, "\(place): \"key\" is missing or not a string")
        }
        guard let value = object.last("value") else { throw HTTPFailure(.badRequest, "\(place): \"value\" is missing") }
        switch value {
        case .bool, .number, .string, .escaped: break
        case .null, .array, .object:
            throw HTTPFailure(
                .badRequest, "\(place): \"value\" is \(value.kind), not true, false, a number or a string")
        }
        let (user, enabled) = (object["user"], object["enabled"])
        guard user == nil || user?.text != nil else {
            throw HTTPFailure(.badRequest, "\(place): \"user\" is not a string")
        }
        guard enabled == nil || enabled?.bool != nil else {
            throw HTTPFailure(.badRequest, "\(place): \"enabled\" is not true or false")
        }
        id = Override.ID(key: key, user: user?.text)
        self.value = value
        isEnabled = enabled?.bool ?? true
    }

    /// Returns the override for a setting of a config.
    ///
    /// - Throws: ``OverrideError`` if the config has no such setting, or the value is not of its type.
    func override(in config: Config) throws(OverrideError) -> Override {
        let type = try DevelopmentRoutes.type(of: id.key, in: config)
        return try Override(
            key: id.key, user: id.user, value: try SettingValue(value, type: type), isEnabled: isEnabled,
            updated: Date())
    }
}
