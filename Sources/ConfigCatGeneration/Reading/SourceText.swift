import ConfigCatEvaluation

/// The content of a file, with the name that messages use for it.
package struct SourceText: Sendable {
    package var name: String
    package var bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// The last part of the name, which is the same on all machines.
    var fileName: String { name.split(separator: "/").last.map(String.init) ?? name }

    /// Returns a message about the place of a byte.
    func diagnostic(
        _ message: String, at offset: Int, _ severity: SourceDiagnostic.Severity = .error
    ) -> SourceDiagnostic {
        let place = JSONDocument.place(of: offset, in: bytes.span)
        return SourceDiagnostic(
            severity: severity, file: name, line: place.line, column: place.column, message: message)
    }

    /// Returns the file's JSON document.
    ///
    /// - Throws: ``SourceDiagnostic`` with the place of the error, if the file is not JSON.
    func document() throws(SourceDiagnostic) -> JSONDocument {
        do {
            return try JSONDocument(bytes)
        } catch {
            throw SourceDiagnostic(
                file: name, line: error.line, column: error.column, message: "not JSON: \(error.reason)")
        }
    }
}

extension JSONDocument {
    /// The place in the bytes where a node begins; for a string, its quote.
    func start(of node: Int) -> Int {
        let start = Int(nodes[node].start)
        return kind(of: node) == .string ? max(0, start - 1) : start
    }

    /// Returns the name node and the value node of the last member with this name, compared as bytes.
    func namedMember(_ name: String, of object: Int) -> (name: Int, value: Int)? {
        var found: (name: Int, value: Int)?
        forEachMember(of: object) { nameNode, value in
            if text(of: nameNode).utf8.elementsEqual(name.utf8) { found = (nameNode, value) }
        }
        return found
    }

    /// Returns an element of an array; nil if there are fewer.
    func element(_ position: Int, of array: Int) -> Int? {
        var index = 0
        var found: Int?
        forEachElement(of: array) { element in
            if index == position { found = element }
            index += 1
        }
        return found
    }
}
