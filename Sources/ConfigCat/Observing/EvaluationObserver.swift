/// A type that is told of evaluations, for traces, logs, experiments and analytics.
///
///     struct Exposures: EvaluationObserver {
///         let analytics: Analytics
///
///         func observed(_ observation: EvaluationObservation) throws {
///             guard observation.details.reason == .split else { return }
///             try analytics.send(observation.details.key, observation.details.variationId)
///         }
///     }
///
///     options.evaluationObservers = [Exposures(analytics: analytics)]
///
/// Observers are called one after the other on the queue of the client's ``Hooks``, never on the thread of an
/// evaluation. A slow observer delays only other observers and handlers. At most 10,000 observations wait; further ones
/// are dropped, which is logged as event 3300. ``SpanEventObserver``, ``LogObserver`` and ``EvaluationCounter`` are called on
/// the evaluating thread instead.
///
/// Evaluations inside ``observed(_:)``, and in tasks that it starts, are not observed. Evaluations after ``ConfigCatClient/close()``, those in a process
/// that was forked after the client was created, and those of a snapshot that does not come from a client are not observed
/// either. A client keeps its observers until it is released.
public protocol EvaluationObserver: Sendable {
    /// The share of evaluations that the observer gets; all by default. A client reads it once, when it is created.
    var sampling: EvaluationSampling { get }

    /// Handles an evaluation.
    ///
    /// - Parameter observation: The evaluation, its time and its config.
    /// - Throws: Any error; it is ignored.
    func observed(_ observation: EvaluationObservation) throws
}

extension EvaluationObserver {
    /// All evaluations.
    public var sampling: EvaluationSampling { EvaluationSampling() }
}

/// An observer that is called on the evaluating thread, because only there are the current span and the task-local values
/// of the evaluation. It must be fast, and must not block.
package protocol ImmediateEvaluationObserver: EvaluationObserver {}
