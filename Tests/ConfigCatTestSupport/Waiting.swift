import Dispatch
import Foundation
package import Testing

/// How many times longer than usual tests wait. `make sanitize` asks for more, because sanitizers make everything slow.
package let patience = ProcessInfo.processInfo.environment["CONFIGCAT_TEST_PATIENCE"].flatMap(Double.init) ?? 1

/// Waits for something that other tasks bring about, and fails if they do not. Time is counted in looks: while other suites
/// keep all threads busy, neither the tasks go on nor the time.
package func eventually(
    _ comment: Comment, within seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation,
    _ holds: () async throws -> Bool
) async {
    for _ in 0..<Int(seconds * patience * 200) {
        if (try? await holds()) ?? false { return }
        try? await Task.sleep(for: .milliseconds(5))
    }
    Issue.record(comment, sourceLocation: sourceLocation)
}

/// Runs what blocks on a thread that may block: those of Swift's tasks are needed by other suites.
package func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        // A queue of its own has a thread at once; the global ones have few.
        DispatchQueue(label: "blocking").async { continuation.resume(with: Result { try body() }) }
    }
}
