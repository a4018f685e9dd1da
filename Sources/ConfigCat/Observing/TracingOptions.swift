#if DistributedTracing
    public import Tracing

    /// The options for the spans of downloads and cache calls.
    ///
    ///     options.tracing.tracer = tracer
    ///
    /// Downloads are spans of kind client with the attributes of OpenTelemetry's conventions for HTTP, cache calls with
    /// those for databases. SDK keys in URLs are masked. For evaluations, see ``SpanEventObserver``.
    public struct TracingOptions: Sendable {
        /// The tracer; nil for no spans. By default, the one that the application had bootstrapped when these options
        /// were created.
        public var tracer: (any Tracer)? = InstrumentationSystem.tracer

        /// Creates options with their defaults.
        public init() {}
    }
#endif
