#if DistributedTracing
    import Tracing
#endif

/// The tracing of a client's downloads and cache calls. Without a tracer, it does nothing.
///
/// Spans are started and ended by hand, so that no task and no suspension is added.
struct OperationTracing: Sendable {
    /// What is known of an operation before it begins.
    struct Operation {
        var name: String
        /// Whether another process performs it.
        var isRemote = true
        var attributes: [(name: String, value: Value)] = []
    }

    enum Value {
        case string(String)
        case int(Int)
    }

    #if DistributedTracing
        private let tracer: (any Tracer)?

        init(_ options: TracingOptions) { tracer = options.tracer is NoOpTracer ? nil : options.tracer }

        /// Creates a tracing that does nothing.
        init() { tracer = nil }
    #endif

    /// Performs an operation, as a span if there is a tracer. Spans that `body` starts are children of that span.
    ///
    /// - Parameters:
    ///   - operation: What is known of the operation. It is asked for only if there is a tracer.
    ///   - finish: Returns what the result adds to the span.
    ///   - fail: Returns what an error adds to the span.
    ///   - body: The operation.
    /// - Returns: The result of the operation.
    /// - Throws: The error of the operation.
    func trace<Result, Failure: Error>(
        _ operation: @autoclosure () -> Operation, finish: (Result) -> Outcome = { _ in Outcome() },
        fail: (Failure) -> Outcome, _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        #if DistributedTracing
            guard let tracer else { return try await body() }
            let operation = operation()
            let span = tracer.startAnySpan(operation.name, ofKind: operation.isRemote ? .client : .internal)
            span.add(operation.attributes)
            defer { span.end() }
            let result = await ServiceContext.$current.withValue(span.context) {
                () async -> Swift.Result<Result, Failure> in
                do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
            }
            switch result {
            case .success(let result): span.add(finish(result))
            case .failure(let error): span.add(fail(error))
            }
            return try result.get()
        #else
            return try await body()
        #endif
    }

    /// What the end of an operation adds to its span.
    struct Outcome {
        var attributes: [(name: String, value: Value)] = []
        /// The kind of error, of few kinds; nil if there is none.
        var errorType: String?
        var message: String?
    }

    /// Starts work that does not belong to the caller's request, such as a timer: spans of that work have no parent.
    func withoutRequest<Result>(_ start: () -> Result) -> Result {
        #if DistributedTracing
            if tracer != nil, ServiceContext.current != nil {
                return ServiceContext.$current.withValue(nil, operation: start)
            }
        #endif
        return start()
    }
}

#if DistributedTracing
    extension Tracing.Span {
        fileprivate func add(_ attributes: [(name: String, value: OperationTracing.Value)]) {
            updateAttributes { all in
                for (name, value) in attributes {
                    all[name] =
                        switch value {
                        case .string(let text): SpanAttribute.string(text)
                        case .int(let number): SpanAttribute.int64(Int64(number))
                        }
                }
            }
        }

        fileprivate func add(_ outcome: OperationTracing.Outcome) {
            add(outcome.attributes)
            guard let errorType = outcome.errorType else { return }
            add([("error.type", .string(errorType))])
            setStatus(SpanStatus(code: .error, message: outcome.message))
        }
    }
#endif
