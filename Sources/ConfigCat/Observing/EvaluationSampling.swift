/// The share of evaluations that an ``EvaluationObserver`` gets, at random, in general and by key.
///
///     EvaluationSampling(rate: 1, rates: ["searchRanking": 0.01])
///
/// If no observer wants an evaluation, and no handler is set, the evaluation builds no details.
public struct EvaluationSampling: Sendable, Hashable {
    /// The share for settings that are not in ``rates``: from 0, none, to 1, all.
    public var rate: Double
    /// The shares for single settings, by key: from 0 to 1.
    public var rates: [String: Double]

    /// Creates a sampling.
    ///
    /// - Parameters:
    ///   - rate: The share for settings that are not in `rates`: from 0 to 1, 1 by default.
    ///   - rates: The shares for single settings, by key: from 0 to 1.
    public init(rate: Double = 1, rates: [String: Double] = [:]) {
        self.rate = rate
        self.rates = rates
    }

    /// The share for a setting. Keys are compared as bytes, as everywhere.
    func rate(for key: String) -> Double {
        guard !rates.isEmpty, let index = rates.index(forKey: key), rates[index].key.utf8.elementsEqual(key.utf8) else {
            return rate
        }
        return rates[index].value
    }

    /// The reason why the sampling is invalid; nil if it is valid.
    var validationError: String? {
        if let error = Self.error("rate", rate) { return error }
        for (key, rate) in rates.sorted(by: { $0.key < $1.key }) {
            if let error = Self.error("rates[\"\(key)\"]", rate) { return error }
        }
        return nil
    }

    private static func error(_ name: String, _ rate: Double) -> String? {
        (0...1).contains(rate) ? nil : "\(name) is \(rate); it has to be from 0 to 1"
    }
}
