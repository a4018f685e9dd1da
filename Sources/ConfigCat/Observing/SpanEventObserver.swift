#if DistributedTracing
    public import Tracing

    /// An observer that adds each evaluation to the current span, as OpenTelemetry's event `feature_flag.evaluation`.
    ///
    ///     options.evaluationObservers = [SpanEventObserver()]
    ///
    /// The event has the attributes `feature_flag.key`, `feature_flag.result.variant`, `feature_flag.result.reason`,
    /// `feature_flag.provider.name`, `feature_flag.set.id` and `feature_flag.version`, and of an evaluation that failed
    /// `error.type` and `feature_flag.error.message`. Without a current span, nothing happens; the same is true of a tracer
    /// that does not implement `activeSpan(identifiedBy:)`.
    public struct SpanEventObserver: ImmediateEvaluationObserver {
        /// The share of evaluations that become events.
        public let sampling: EvaluationSampling
        private let tracer: any Tracer
        private let includesValue: Bool
        private let includesUserID: Bool

        /// Creates an observer. Create it after your application has bootstrapped its tracer.
        ///
        /// - Parameters:
        ///   - tracer: The tracer that knows the current span; by default, the one that the application has bootstrapped.
        ///   - includesValue: Whether events have the value, as `feature_flag.result.value`; false by default.
        ///   - includesUserID: Whether events have the user's identifier, as `feature_flag.context.id`; false by default,
        ///     because it is personal data.
        ///   - sampling: The share of evaluations to add; all by default.
        public init(
            tracer: any Tracer = InstrumentationSystem.tracer, includesValue: Bool = false,
            includesUserID: Bool = false, sampling: EvaluationSampling = EvaluationSampling()
        ) {
            self.tracer = tracer
            self.includesValue = includesValue
            self.includesUserID = includesUserID
            self.sampling = tracer is NoOpTracer ? EvaluationSampling(rate: 0) : sampling
        }

        /// Adds an evaluation to the current span.
        ///
        /// - Parameter observation: The evaluation.
        public func observed(_ observation: EvaluationObservation) {
            guard let context = ServiceContext.current, let span = tracer.currentSpan(context), span.isRecording else {
                return
            }
            let found = FeatureFlagAttributes(
                observation, includesValue: includesValue, includesUserID: includesUserID)
            var attributes = SpanAttributes()
            attributes.reserveCapacity(found.all.count)
            for (name, value) in found.all {
                attributes[name] =
                    switch value {
                    case .string(let text): SpanAttribute.string(text)
                    case .bool(let value): SpanAttribute.bool(value)
                    case .int(let value): SpanAttribute.int64(Int64(value))
                    case .double(let value): SpanAttribute.double(value)
                    }
            }
            span.addEvent(SpanEvent(name: FeatureFlagAttributes.eventName, attributes: attributes))
        }
    }

    extension Tracer {
        /// Returns the span of a context, of any type. Only inside the protocol is the type of the spans known.
        fileprivate func currentSpan(_ context: ServiceContext) -> (any Tracing.Span)? {
            activeSpan(identifiedBy: context)
        }
    }
#endif
