public import ConfigCatEvaluation

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// An evaluation that an ``EvaluationObserver`` is told of.
public struct EvaluationObservation: Sendable {
    /// The setting, its value, the reason for the value, and the user.
    public let details: EvaluationDetails
    /// The ETag of the evaluated config, as the CDN sent it; empty if it has none, as local values do.
    public let eTag: String
    /// The identity of the config among all configs: ``ConfigCatOptions/flagSetID``. It is not the SDK key.
    public let flagSetID: String
    /// The time of the evaluation, in whole milliseconds.
    public let time: Date

    /// Creates an observation, for tests of observers.
    ///
    /// - Parameters:
    ///   - details: The setting, its value, the reason and the user.
    ///   - eTag: The ETag of the config.
    ///   - flagSetID: The identity of the config.
    ///   - time: The time of the evaluation.
    public init(details: EvaluationDetails, eTag: String = "", flagSetID: String = "", time: Date = Date()) {
        self.details = details
        self.eTag = eTag
        self.flagSetID = flagSetID
        self.time = time
    }
}
