import Dispatch
import Foundation
package import Testing

/// The factor by which tests wait longer than usual. `make sanitize` raises it, because sanitizers make everything slow.
package let patience = ProcessInfo.processInfo.environment["CONFIGCAT_TEST_PATIENCE"].flatMap(Double.init) ?? 1

/// Waits until a condition holds, and records an issue if it does not hold in time. The time is counted in checks, so
/// that it does not pass while other suites keep all threads busy.
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

/// Runs a blocking function on a thread of its own queue, because other suites need the threads of Swift's tasks.
package func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        // A new queue gets a thread at once; the global queues have few.
        DispatchQueue(label: "blocking").async { continuation.resume(with: Result { try body() }) }
    }
}
