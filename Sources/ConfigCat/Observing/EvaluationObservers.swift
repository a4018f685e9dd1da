import ConfigCatCache
import ConfigCatEvaluation
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The observers of one client, and the decision which of them get an evaluation.
///
/// One random number decides for all observers: an observer gets the evaluation if the number is less than its rate for
/// the key. So an evaluation that no observer wants is known before its details are built. The observers do not change,
/// so nothing here takes a lock.
final class EvaluationObservers: Sendable {
    /// Whether this thread runs an observer. Evaluations of an observer are not observed, which would never end.
    @TaskLocal private static var isObserving = false

    private struct Sampled: Sendable {
        let observer: any EvaluationObserver
        let sampling: EvaluationSampling
    }

    private let immediate: [Sampled]
    private let queued: [Sampled]
    private let samplings: [EvaluationSampling]
    private let flagSetID: String
    private let wall: @Sendable () -> Int64
    private let draws: Atomic<UInt64>

    let count: Int

    /// Creates the observers of a client; nil if there are none.
    init?(_ observers: [any EvaluationObserver], flagSetID: String, host: HostRuntime) {
        guard !observers.isEmpty else { return nil }
        let sampled = observers.map { Sampled(observer: $0, sampling: $0.sampling) }
        immediate = sampled.filter { $0.observer is any ImmediateEvaluationObserver }
        queued = sampled.filter { !($0.observer is any ImmediateEvaluationObserver) }
        samplings = sampled.map(\.sampling)
        count = observers.count
        self.flagSetID = flagSetID
        wall = host.wall
        draws = Atomic(host.random())
    }

    /// Returns whether any observer wants the next evaluation of a setting.
    func wantsEvaluation(of key: String) -> Bool {
        if Self.isObserving { return false }
        let rate = largestRate(for: key)
        return rate >= 1 || rate > 0 && draw() < rate
    }

    /// Gives an evaluation to the observers that want it.
    ///
    /// - Parameters:
    ///   - details: The evaluation.
    ///   - eTag: The ETag of the config.
    ///   - isChosen: Whether ``wantsEvaluation(of:)`` has chosen this evaluation.
    ///   - queue: The queue of the observers that are not called on this thread.
    func observe(_ details: EvaluationDetails, eTag: String, isChosen: Bool, _ queue: HookQueue) {
        if Self.isObserving { return }
        // Of a chosen evaluation, it is known that the number was less than the largest rate.
        let number = draw() * (isChosen ? min(1, largestRate(for: details.key)) : 1)
        func wants(_ sampled: Sampled) -> Bool { number < sampled.sampling.rate(for: details.key) }
        guard immediate.contains(where: wants) || queued.contains(where: wants) else { return }
        let observation = EvaluationObservation(
            details: details, eTag: eTag, flagSetID: flagSetID,
            time: Date(timeIntervalSince1970: Double(wall()) / 1000))
        Self.$isObserving.withValue(true) {
            for sampled in immediate where wants(sampled) { try? sampled.observer.observed(observation) }
        }
        let called = queued.filter(wants).map(\.observer)
        guard !called.isEmpty else { return }
        queue.add(.observation) {
            Self.$isObserving.withValue(true) {
                for observer in called { try? observer.observed(observation) }
            }
        }
    }

    private func largestRate(for key: String) -> Double {
        var largest = 0.0
        for sampling in samplings { largest = max(largest, sampling.rate(for: key)) }
        return largest
    }

    /// Returns a random number from 0 to less than 1. SplitMix64, because the system's generator takes longer than an
    /// evaluation.
    private func draw() -> Double {
        var bits = draws.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        bits ^= bits >> 31
        return Double(bits >> 11) * 0x1p-53
    }
}
