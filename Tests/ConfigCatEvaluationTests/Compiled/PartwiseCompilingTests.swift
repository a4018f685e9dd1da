import Testing

@testable import ConfigCatEvaluation

/// The settings of large documents are parsed one at a time. Here, this is done with small ones.
@Suite("Documents that are parsed setting by setting")
struct PartwiseCompilingTests {
    /// What a document compiles to, or its error.
    private func compiled(_ bytes: [UInt8], wholeSize: Int) -> [String] {
        var document = GrowingTable<UInt8>()
        document.append(copying: bytes)
        do {
            return try Self.description(of: ConfigCompiler.compile(document, wholeSize: wholeSize))
        } catch {
            return ["\(error.code) \(error.message)"]
        }
    }

    /// Returns all tables of a config, as text.
    static func description(of config: CompiledConfig) -> [String] {
        func lines<Element>(_ table: UnsafeTable<Element>) -> [String] {
            table.indices.map { String(reflecting: table[$0]) }
        }
        let tables = config.comparison.pointee
        var lines =
            lines(config.settings) + lines(config.rules) + lines(config.conditions) + lines(config.options)
            + lines(config.segments) + lines(tables.items) + lines(tables.digests) + lines(tables.versions)
        lines.append(contentsOf: config.keyStrings + config.problems + config.order.map { "\($0)" })
        lines.append(String(decoding: config.pool[config.pool.indices], as: UTF8.self))
        lines.append("\(config.sources) \(config.preferences)")
        return lines
    }

    private func expectSame(_ bytes: [UInt8], _ comment: Comment? = nil) {
        #expect(compiled(bytes, wholeSize: 0) == compiled(bytes, wholeSize: .max), comment)
    }

    @Test(
        "the configs of the conformance data are compiled to the same",
        arguments: ["official/configs", "official/v5", "official/overrides"])
    func conformance(_ folder: String) throws {
        for file in ConformanceData.files(in: folder) {
            expectSame(try ConformanceData.bytes("\(folder)/\(file)"), "\(file)")
        }
    }

    @Test("damaged documents are compiled to the same, or rejected for the same reason")
    func damaged() throws {
        var generator = SeededGenerator(seed: 12)
        for path in HostileInputStressTests.seeds {
            let original = try ConformanceData.bytes(path)
            for _ in 0..<40 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let place = Int.random(in: bytes.indices, using: &generator)
                    bytes[place] = Array("{}[],:\"\\x09-.etfn \n".utf8).randomElement(using: &generator) ?? 0
                }
                expectSame(bytes)
            }
        }
    }

    @Test(
        "unusual documents are compiled to the same",
        arguments: [
            "{}", "[]", "null", #"{"f":{}}"#, #"{"f":[]}"#, #"{"f":{"a":1,"b":"x","c":[],"d":null,"e":{}}}"#,
            #"{"f":{"a":{"v":true}},"f":{"b":{"v":{"b":true},"t":0}}}"#,
            #"{"f":{"a":{"v":1},"b":{"v":{"i":1},"t":2}}}"#,
            #"{"f":{"a":{"v":"x","t":1}},"p":{"s":"salt","u":"https:\/\/example.com","r":1}}"#,
            #"{"s":[1,{"n":"a\u0062","r":[{"a":"x","c":0,"l":["\t"]}]},[]],"f":{"\u0061":{"t":1,"v":{"s":"\n"}}}}"#,
            #"{"s":{"n":"a"},"f":{"a":{"t":0,"v":{"b":true},"r":{"c":[]}}}}"#,
            #"{"flags":{"a":true,"b":"x\n","c":1.5,"d":{"e":[1]},"f":[{"g":{"h":{}}}]}}"#,
            #" {"f":{"a":{"t":0,"v":{"b":true},"x":[[[[{"y":{}}]]]]} , "b" : {"t":0 , "v" : {"b":false } } } } "#,
            #"{"f":{"a":{"t":0,"v":{"b":true}}}"#, #"{"f":{"a":{"t":0,"v":{"b":tru}}}}"#,
        ])
    func unusual(_ json: String) {
        expectSame(Array(json.utf8))
    }
}
