import Foundation

/// Deliberate faults that need four particular bytes: only a fuzzer that follows coverage reaches them within seconds. The
/// environment variable `FUZZ_FAULT` chooses the fault.
enum PlantedFaults {
    private static let fault = ProcessInfo.processInfo.environment["FUZZ_FAULT"]

    static func run(_ input: [UInt8]) {
        // Each comparison is a separate branch, so that the fuzzer notices each byte that it finds.
        guard input.count > 3 else { return }
        guard input[0] == UInt8(ascii: "F") else { return }
        guard input[1] == UInt8(ascii: "U") else { return }
        guard input[2] == UInt8(ascii: "Z") else { return }
        guard input[3] == UInt8(ascii: "Z") else { return }
        switch fault {
        case "address": readFreedMemory()
        case "leak": leak()
        default: require(false, "this fault was planted")
        }
    }

    @inline(never)
    private static func readFreedMemory() {
        let memory = UnsafeMutablePointer<Int>.allocate(capacity: 4)
        memory.initialize(repeating: 1, count: 4)
        memory.deallocate()
        sink = memory[2]
    }

    @inline(never)
    private static func leak() {
        let memory = UnsafeMutablePointer<Int>.allocate(capacity: 1000)
        memory.initialize(repeating: 1, count: 1000)
        sink = memory[999]
    }

    /// Prevents the optimizer from removing the reads.
    nonisolated(unsafe) static var sink = 0
}
