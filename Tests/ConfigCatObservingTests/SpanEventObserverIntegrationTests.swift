#if DistributedTracing
    import ConfigCat
    import ConfigCatEvaluation
    import ConfigCatTestSupport
    import InMemoryTracing
    import Testing
    import Tracing

    @Suite("Evaluations on spans", .cleanup)
    struct SpanEventObserverIntegrationTests {
        @Test("parallel evaluations are each on the span of their own request")
        func parallel() async throws {
            let tracer = InMemoryTracer()
            let client = try await observedClient([SpanEventObserver(tracer: tracer, includesUserID: true)])
            await withTaskGroup(of: Void.self) { group in
                for request in 0..<100 {
                    group.addTask {
                        await tracer.withSpan("\(request)") { _ in
                            let user = ConfigCatUser(identifier: "\(request)")
                            for _ in 1...3 {
                                _ = await client.getValue(for: "ruled", defaultValue: "", user: user)
                                await Task.yield()
                            }
                        }
                    }
                }
            }
            let spans = tracer.finishedSpans
            #expect(spans.count == 100)
            for span in spans {
                #expect(span.events.count == 3)
                for event in span.events {
                    #expect(event.name == "feature_flag.evaluation")
                    #expect(event.attributes.get("feature_flag.context.id") == .string(span.operationName))
                    #expect(event.attributes.get("feature_flag.result.reason") == .string("default"))
                    #expect(event.attributes.get("feature_flag.result.variant") == .string("v-else"))
                }
            }
        }

        @Test("the values of events have the types of their settings")
        func spanValues() async throws {
            let tracer = InMemoryTracer()
            let client = try await observedClient([SpanEventObserver(tracer: tracer, includesValue: true)])
            let snapshot = client.snapshot()
            tracer.withSpan("request") { _ in
                _ = snapshot.getValue(for: "plain", defaultValue: false)
                _ = snapshot.getValue(for: "split", defaultValue: 0, user: ReasonConfig.other)
                _ = snapshot.getValue(for: "ratio", defaultValue: 0.0)
                _ = snapshot.getValue(for: "ruled", defaultValue: "")
            }
            let events = try #require(tracer.finishedSpans.first?.events)
            #expect(
                events.map { $0.attributes.get("feature_flag.result.value") }
                    == [.bool(true), .int64(2), .double(5), .string("else")])
        }

        @Test("without a current span, or after it has ended, nothing happens")
        func noSpan() async throws {
            let tracer = InMemoryTracer()
            let client = try await observedClient([SpanEventObserver(tracer: tracer), SpanEventObserver()])
            #expect(client.snapshot().getValue(for: "plain", defaultValue: false))
            let task = tracer.withSpan("ended") { _ in
                Task { client.snapshot().getValue(for: "plain", defaultValue: false) }
            }
            #expect(await task.value)
            await client.shutdown()
            #expect(tracer.finishedSpans.count == 1)
        }
    }
#endif
