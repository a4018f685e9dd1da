import Foundation

/// A part of the SDK that is fuzzed. The environment variable `FUZZ_TARGET` names the one that this process runs.
enum FuzzTarget: String, CaseIterable {
    /// Config documents, byte by byte.
    case documents
    /// Config documents and users that are built from the input.
    case configs
    /// Cache entries, their headers, and the rules by which stores decide.
    case entries
    /// The addresses of caches.
    case urls
    /// Versions and numbers.
    case numbers
    /// Replies of Redis, in arbitrary pieces.
    case redis
    /// Planted faults, with which `make fuzz-selftest` checks that faults are found at all.
    case selftest

    /// The target of this process.
    static let current: FuzzTarget = {
        let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            fatalError("FUZZ_TARGET is '\(name)'; use one of \(allCases.map(\.rawValue))")
        }
        return target
    }()

    func run(_ input: [UInt8]) {
        switch self {
        case .documents: DocumentFuzzing.run(input)
        case .configs: ConfigFuzzing.run(input)
        case .entries: EntryFuzzing.run(input)
        case .urls: URLFuzzing.run(input)
        case .numbers: NumberFuzzing.run(input)
        case .redis: RedisFuzzing.run(input)
        case .selftest: PlantedFaults.run(input)
        }
    }
}

/// Runs one input. libFuzzer, which is linked into the executable and brings its `main`, calls this function.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.current.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
