import ConfigCat
import ConfigCatTesting
import Logging
import Testing

@Suite("Evaluation recorder")
struct EvaluationRecorderTests {
    @Test("every kind of evaluation is recorded before it returns")
    func kinds() async {
        let flags = TestFlags { $0[.newCheckout] = true }
        let client = flags.client()
        _ = await client.value(of: .newCheckout)
        let recorder = EvaluationRecorder(client)
        #expect(recorder.evaluations.isEmpty)
        _ = await client.value(of: .newCheckout, user: jane)
        #expect(recorder.evaluations(of: .newCheckout).count == 1)
        #expect(recorder.evaluations.first?.value as? Bool == true)
        #expect(recorder.evaluations.first?.user?.identifier == "jane")
        _ = await client.getValue(for: "newCheckout", defaultValue: false)
        #expect(recorder.evaluations(of: "newCheckout").count == 2)
        _ = await client.getValueDetails(for: "newCheckout", defaultValue: false)
        _ = client.snapshot().value(of: .newCheckout)
        let request = client.snapshot(for: jane)
        for _ in 0..<2 { _ = request.value(of: .newCheckout) }
        _ = await client.getAllValues()
        _ = await client.getAllValueDetails()
        #expect(recorder.evaluations(of: .newCheckout).count == 8)
        _ = await client.value(of: .limit)
        #expect(recorder.evaluations.last?.errorCode == .settingKeyMissing)
        #expect(recorder.evaluations(of: .limit).count == 1)
        recorder.removeAll()
        #expect(recorder.evaluations.isEmpty)
    }

    @Test("recorders of parallel tests record only their own test's evaluations", .flags, arguments: 0..<20)
    func parallel(_ number: Int) async throws {
        TestFlags.shared.set(.limit, to: number)
        let recorder = EvaluationRecorder(Shop.client)
        for _ in 0..<20 {
            _ = await Shop.client.value(of: .limit)
            await Task.yield()
        }
        try await withFlags {
            $0[.limit] = number
        } operation: {
            async let value = Shop.client.value(of: .limit)
            _ = await value
        }
        #expect(recorder.evaluations.count == 21)
        #expect(recorder.evaluations(of: .limit).allSatisfy { $0.value as? Int == number })
    }

    @Test("a recorder of no test records all evaluations of the client, until it is released")
    func unscoped() async throws {
        let flags = TestFlags()
        let client = flags.client { $0.logLevel = .critical }
        var recorder: EvaluationRecorder? = EvaluationRecorder(client)
        try await withFlags(flags) {
            $0[.limit] = 1
        } operation: {
            _ = await client.value(of: .limit)
        }
        await Task.detached { _ = await client.value(of: .limit) }.value
        #expect(recorder?.evaluations.map(\.value).count == 2)
        let second = EvaluationRecorder(client)
        recorder = nil
        _ = await client.value(of: .limit)
        #expect(second.evaluations.count == 1)
        await client.shutdown()
        _ = await client.value(of: .limit)
        #expect(second.evaluations.count == 1)
        #expect(EvaluationRecorder(client).evaluations.isEmpty)
    }

    @Test("evaluations of parallel tasks are all recorded; handlers get them too")
    func tasks() async {
        let client = TestFlags { $0[.limit] = 1 }.client()
        let recorder = EvaluationRecorder(client)
        await confirmation(expectedCount: 1000) { confirmed in
            client.hooks.addOnFlagEvaluated { _ in confirmed() }
            await withTaskGroup { group in
                for _ in 0..<10 {
                    group.addTask { for _ in 0..<100 { _ = await client.value(of: .limit) } }
                }
            }
            #expect(recorder.evaluations.count == 1000)
            await client.shutdown()
        }
    }

    @Test("a full recorder keeps the first evaluations, and says that others are missing")
    func limit() async {
        let client = TestFlags { $0[.limit] = 1 }.client()
        let recorder = EvaluationRecorder(client, limit: 2)
        for _ in 0..<2 { _ = await client.value(of: .limit) }
        #expect(recorder.evaluations.count == 2)
        _ = await client.value(of: .limit)
        withKnownIssue {
            #expect(recorder.evaluations.count == 2)
        } matching: {
            $0.comments.contains { $0.rawValue.contains("1 evaluations after the first 2") }
        }
        recorder.removeAll()
        _ = await client.value(of: .limit)
        #expect(recorder.evaluations.count == 1)
        let none = EvaluationRecorder(client, limit: -1)
        _ = await client.value(of: .limit)
        withKnownIssue { #expect(none.evaluations.isEmpty) }
    }

    @Test("a recorder may be released by its own evaluation's handler")
    func releaseInHandler() async {
        let client = TestFlags { $0[.limit] = 1 }.client()
        do {
            let recorder = EvaluationRecorder(client)
            _ = await client.value(of: .limit)
            #expect(recorder.evaluations.count == 1)
        }
        #expect(await client.value(of: .limit) == 1)
    }
}
