import ConfigCatEvaluation

/// The places of a config's parts in its document.
struct ConfigPlaces {
    private let source: SourceText
    private let document: JSONDocument
    /// The object that has the settings, or nil.
    private let settings: Int?
    /// The name node and the value node of each setting, by its key's bytes; the last of several.
    private var nodes: [[UInt8]: (name: Int, value: Int)] = [:]
    /// The name nodes of settings that another one with the same key replaces.
    private var replaced: [[UInt8]: [Int]] = [:]

    init(_ source: SourceText, _ document: JSONDocument) {
        self.source = source
        self.document = document
        settings = document.member("f", of: document.root) ?? document.member("flags", of: document.root)
        guard let settings else { return }
        var members: [(name: Int, value: Int)] = []
        document.forEachMember(of: settings) { members.append(($0, $1)) }
        for member in members {
            let key = Array(document.text(of: member.name).utf8)
            if let earlier = nodes[key] { replaced[key, default: []].append(earlier.name) }
            nodes[key] = member
        }
    }

    /// Returns the place of a setting's key.
    func offset(ofSetting key: String) -> Int {
        nodes[Array(key.utf8)].map { document.start(of: $0.name) } ?? 0
    }

    /// Returns the place of a finding of `ConfigValidator`: the part that it names, or the nearest around it.
    func offset(of finding: ConfigValidator.Finding) -> Int {
        guard let key = finding.setting else { return offset(ofSegment: finding.place) }
        let bytes = Array(key.utf8)
        guard let node = nodes[bytes] else { return 0 }
        if finding.problem.hasPrefix("the key occurs more than once"), let first = replaced[bytes]?.first {
            return document.start(of: first)
        }
        var place = node.value
        var isFound = false
        for part in finding.place.split(separator: ", ") {
            guard let next = child(part, of: place) else { break }
            place = next
            isFound = true
        }
        return document.start(of: isFound ? place : node.name)
    }

    /// Returns a part of a setting or rule, such as `targeting rule 2`.
    private func child(_ part: Substring, of node: Int) -> Int? {
        let (name, number) = Self.numbered(part)
        let list: Int?
        switch name {
        case "targeting rule": list = document.member("r", of: node)
        case "condition": list = document.member("c", of: node)
        case "percentage option": list = document.member("p", of: node)
        case "percentage options": return document.member("p", of: node)
        default: return nil
        }
        guard let list, let number, document.kind(of: list) == .array else { return nil }
        return document.element(number - 1, of: list)
    }

    private func offset(ofSegment place: String) -> Int {
        guard let segments = document.member("s", of: document.root),
            let number = place.split(separator: " ").dropFirst().first.flatMap({ Int($0) }),
            let segment = document.element(number - 1, of: segments)
        else { return 0 }
        // The name of a segment may contain anything, so only the end is read.
        if let last = place.split(separator: ", ").last, case ("condition", let number?) = Self.numbered(last),
            let conditions = document.member("r", of: segment),
            let condition = document.element(number - 1, of: conditions)
        {
            return document.start(of: condition)
        }
        return document.start(of: segment)
    }

    /// Returns the name and the number of `condition 2`.
    private static func numbered(_ part: Substring) -> (name: Substring, number: Int?) {
        guard let space = part.lastIndex(of: " "), let number = Int(part[part.index(after: space)...]) else {
            return (part, nil)
        }
        return (part[..<space], number)
    }
}
