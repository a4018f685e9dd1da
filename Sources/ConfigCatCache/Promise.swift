import Synchronization

/// A result that one task waits for. It is finished once: by the result, or by the cancellation of the waiting task.
package final class Promise<Value: Sendable>: Sendable {
    package typealias Outcome = Result<Value, any Error>

    private enum State {
        case new
        case waiting(CheckedContinuation<Value, any Error>)
        case finished(Outcome)
    }

    private let state = Mutex(State.new)

    package init() {}

    package var isFinished: Bool {
        state.withLock { if case .finished = $0 { true } else { false } }
    }

    /// Finishes the promise.
    ///
    /// - Returns: Whether this was the first outcome. Later ones are dropped.
    @discardableResult
    package func finish(_ outcome: Outcome) -> Bool {
        let (isFirst, continuation) = state.withLock { state -> (Bool, CheckedContinuation<Value, any Error>?) in
            switch state {
            case .new:
                state = .finished(outcome)
                return (true, nil)
            case .waiting(let continuation):
                state = .finished(outcome)
                return (true, continuation)
            case .finished: return (false, nil)
            }
        }
        continuation?.resume(with: outcome)
        return isFirst
    }

    /// Waits for the result. Only one task may wait.
    ///
    /// - Parameter start: Starts the work that finishes the promise.
    /// - Returns: The value that finished the promise.
    /// - Throws: The error that finished the promise; `CancellationError` as soon as the waiting task is cancelled.
    package func value(_ start: () -> Void = {}) async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(continuation)
                start()
            }
        } onCancel: {
            finish(.failure(CancellationError()))
        }
    }

    private func wait(_ continuation: CheckedContinuation<Value, any Error>) {
        let outcome = state.withLock { state -> Outcome? in
            if case .finished(let outcome) = state { return outcome }
            state = .waiting(continuation)
            return nil
        }
        if let outcome { continuation.resume(with: outcome) }
    }
}

extension Task where Failure == any Error {
    /// The task's result. If the waiting task is cancelled, this throws `CancellationError` at once, and the task
    /// continues.
    package var valueUnlessCancelled: Success {
        get async throws {
            let promise = Promise<Success>()
            return try await promise.value { Task<Void, Never> { promise.finish(await self.result) } }
        }
    }
}
