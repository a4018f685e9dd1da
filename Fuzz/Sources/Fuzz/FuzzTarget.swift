import Foundation

/// A part of the SDK that is fuzzed. The environment variable `FUZZ_TARGET` chooses the one that this process runs.
enum FuzzTarget: String, CaseIterable {
    /// Config documents, byte by byte.
    case documents
    /// Config documents and users that are built from the input.
    case configs
    /// Consecutive rules that test one attribute against lists, of which the compiler makes hash tables, and users whose
    /// attributes are in the lists.
    case tables
    /// Cache entries, their headers, and the rules by which stores decide.
    case entries
    /// The addresses of caches.
    case urls
    /// Versions and numbers.
    case numbers
    /// Replies of Redis, in arbitrary pieces.
    case redis
    /// SHA-1 and SHA-256, with and without the processor's instructions for them.
    case hashes
    /// Planted faults, with which `make fuzz-selftest` checks that the fuzzer finds faults.
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
        case .tables: ConfigFuzzing.runTables(input)
        case .entries: EntryFuzzing.run(input)
        case .urls: URLFuzzing.run(input)
        case .numbers: NumberFuzzing.run(input)
        case .redis: RedisFuzzing.run(input)
        case .hashes: HashFuzzing.run(input)
        case .selftest: PlantedFaults.run(input)
        }
    }
}

/// Starts libFuzzer with the function that runs one input: SwiftPM requires that an executable has its own `main`.
@main
enum Fuzzer {
    static func main() {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments, runInput))
    }
}

/// Runs one input. libFuzzer requires a function of this name.
@_cdecl("LLVMFuzzerTestOneInput")
func runInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.current.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ runInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
