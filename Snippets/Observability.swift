// The code of the guide Observability.

import ConfigCat
import ConfigCatOpenFeature
import Logging

struct Analytics: Sendable {
    func send(_ key: String, _ variant: String?, for user: String?) throws {}
}

struct Exposures: EvaluationObserver {
    let analytics: Analytics

    func observed(_ observation: EvaluationObservation) throws {
        let details = observation.details
        guard details.reason == .split else { return }
        try analytics.send(details.key, details.variationId, for: details.user?.identifier)
    }
}

func logged(_ options: inout ConfigCatOptions, _ logger: Logger) {
    options.evaluationObservers = [LogObserver(logger: logger)]
    options.flagSetID = "shop/production"
}

#if DistributedTracing
    func observers(_ options: inout ConfigCatOptions) {
        options.evaluationObservers = [
            SpanEventObserver(sampling: EvaluationSampling(rates: ["searchRanking": 0.01])),
            EvaluationCounter(),
        ]
    }

    func noTracing(_ options: inout ConfigCatOptions) {
        options.tracing.tracer = nil
    }
#endif

func resolve(_ client: ConfigCatClient) async throws {
    let context = OpenFeatureContext(targetingKey: "435170f4", attributes: ["email": "jane@example.com", "beta": true])
    let details = await client.getValueDetails(for: "newCheckout", defaultValue: false, user: try context.user())
    let resolution = OpenFeatureResolution(details)
    print(resolution.value, resolution.reason.rawValue, resolution.errorCode?.rawValue ?? "no error")
}

func ofrep(_ client: ConfigCatClient, body: String) -> (status: Int, json: String) {
    do {
        let user = try OpenFeatureContext(ofrepRequest: body).user()
        let details = client.snapshot().getValueDetails(
            for: "newCheckout", defaultValue: "" as any Sendable, user: user)
        let evaluation = OFREPEvaluation(details)
        return (evaluation.status, evaluation.json)
    } catch {
        let failure = OFREPFailure(error, key: "newCheckout")
        return (failure.status, failure.json)
    }
}
