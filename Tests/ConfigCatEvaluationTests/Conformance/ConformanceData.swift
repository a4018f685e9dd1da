import Foundation
import Testing

@testable import ConfigCatEvaluation

/// The conformance data: `../shared/conformance` beside the project or, if that is absent, small samples of the same
/// form in the project.
enum ConformanceData {
    static let root: URL = shared ?? samples
    static let isComplete = shared != nil

    private static let shared: URL? = {
        let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = project.deletingLastPathComponent().appending(path: "shared/conformance")
        return FileManager.default.fileExists(atPath: folder.appending(path: "README.md").path) ? folder : nil
    }()

    private static let samples: URL = {
        print("../shared/conformance is absent: the conformance suites run on the samples in Tests only.")
        return Bundle.module.resourceURL?.appending(path: "Samples") ?? URL(filePath: "Samples")
    }()

    static func bytes(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: root.appending(path: path)))
    }

    static func text(_ path: String) throws -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    static func config(_ path: String) throws -> Config {
        try Config(json: bytes(path))
    }

    static func files(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted()
    }
}

/// A node of a JSON document, with the conversions that tests need.
struct JSONNode {
    let document: JSONDocument
    let node: Int

    init(_ document: JSONDocument, _ node: Int) {
        self.document = document
        self.node = node
    }

    init(_ bytes: [UInt8]) throws {
        document = try JSONDocument(bytes)
        node = document.root
    }

    subscript(name: StaticString) -> JSONNode? {
        document.member(name, of: node).map { JSONNode(document, $0) }
    }

    var kind: JSONDocument.Kind { document.kind(of: node) }
    var string: String? { kind == .string ? document.text(of: node) : nil }
    var int: Int? { document.integer(of: node) }
    var double: Double? { document.double(of: node) }
    var bool: Bool? { document.bool(of: node) }

    var elements: [JSONNode] {
        var elements: [JSONNode] = []
        document.forEachElement(of: node) { elements.append(JSONNode(document, $0)) }
        return elements
    }

    var members: [(name: String, value: JSONNode)] {
        var members: [(name: String, value: JSONNode)] = []
        document.forEachMember(of: node) { members.append((document.text(of: $0), JSONNode(document, $1))) }
        return members
    }

    /// The bytes that the node was parsed from.
    var source: [UInt8] {
        let range = document.nodes[node].range
        // The range of a string does not include the quotes.
        return Array(document.bytes[kind == .string ? range.lowerBound - 1..<range.upperBound + 1 : range])
    }

    /// The node as a user; nil for `null`. Members other than the predefined attributes and `custom` are custom
    /// attributes too.
    var user: ConfigCatUser? {
        guard kind == .object else { return nil }
        var custom: [(name: String, value: ConfigCatUser.AttributeValue)] = []
        for (name, value) in members where !["Identifier", "Email", "Country"].contains(name) {
            if name == "custom" {
                custom += value.members.compactMap { name, value in value.attribute.map { (name, $0) } }
            } else if let attribute = value.attribute {
                custom.append((name, attribute))
            }
        }
        return ConfigCatUser(
            identifier: self["Identifier"]?.string ?? "", email: self["Email"]?.string,
            country: self["Country"]?.string, custom: ConfigCatUser.Attributes(custom))
    }

    private var attribute: ConfigCatUser.AttributeValue? {
        switch kind {
        case .string: return string.map { .string($0) }
        case .number: return Int(document.text(of: node)).map { .int($0) } ?? double.map { .double($0) }
        case .array: return document.strings(of: node).map { .stringArray($0) }
        case .object:
            if let seconds = self["date"]?.double { return .date(Date(timeIntervalSince1970: seconds)) }
            return (self["number"]?.string).flatMap { DecimalFormat.double(attribute: $0) }.map { .double($0) }
        default: return nil
        }
    }

    /// Returns whether a value equals the node's value.
    func equals(_ value: SettingValue?) -> Bool {
        switch value {
        case .bool(let value): bool == value
        case .string(let value): string?.utf8.elementsEqual(value.utf8) ?? false
        case .int(let value): int == value
        case .double(let value): double == value
        case nil: false
        }
    }
}
