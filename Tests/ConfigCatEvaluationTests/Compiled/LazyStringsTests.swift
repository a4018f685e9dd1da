import Dispatch
import Synchronization
import Testing

@testable import ConfigCatEvaluation

@Suite("Strings that are created when they are first served")
struct LazyStringsTests {
    @Test("threads that create the same strings at the same time are all served the first ones")
    func threads() throws {
        let texts = (0..<500).map { "a value that is stored on the heap, number \($0)" }
        let settings = texts.enumerated().map { #""k\#($0)":{"t":1,"v":{"s":"\#($1)"}}"# }
        let config = try Config(json: #"{"f":{\#(settings.joined(separator: ","))}}"#)
        let served = Mutex<[[UInt]]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            var addresses: [UInt] = []
            for index in texts.indices {
                let string = config.compiled.strings[index]
                #expect(string == texts[index])
                addresses.append(string.withBytes { UInt(bitPattern: $0.baseAddress) })
            }
            served.withLock { [addresses] in $0.append(addresses) }
        }
        #expect(served.withLock { Set($0).count } == 1)
    }

    @Test("threads that ask for the keys at the same time get the same ones")
    func keys() throws {
        let keys = (0..<500).map { "key\($0)" }
        let config = try Config(
            json: #"{"f":{\#(keys.map { #""\#($0)":{"t":0,"v":{"b":true}}"# }.joined(separator: ","))}}"#)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            #expect(config.keys == keys)
        }
    }

    @Test("a string outlives its config")
    func lifetime() throws {
        let text = String(repeating: "x", count: 100)
        var config: Config? = try Config(json: #"{"flags":{"a":"\#(text)"}}"#)
        let served = try #require(config?.compiled.strings[0])
        config = nil
        #expect(served == text)
    }
}
