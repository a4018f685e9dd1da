import Foundation

/// Faults that are there on purpose, behind bytes that chance does not find: only a fuzzer that follows coverage reaches
/// them within seconds. The environment variable `FUZZ_FAULT` names the one that is wanted.
enum PlantedFaults {
    private static let fault = ProcessInfo.processInfo.environment["FUZZ_FAULT"]

    static func run(_ input: [UInt8]) {
        // Each of these comparisons is a branch of its own, so that each byte found is progress.
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

    /// Keeps the optimizer from dropping what is read.
    nonisolated(unsafe) static var sink = 0
}
