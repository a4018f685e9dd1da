#if DistributedTracing
    import ConfigCat
    import AsyncHTTPClient
    import ConfigCatCache
    import ConfigCatFileCache
    import ConfigCatInMemoryCache
    import ConfigCatRedisCache
    import ConfigCatSQLiteCache
    import ConfigCatTestSupport
    import Foundation
    import InMemoryTracing
    import Testing
    import Tracing

    @Suite("Spans of downloads and cache calls", .cleanup)
    struct DownloadSpanIntegrationTests {
        private let tracer = InMemoryTracer()

        private func client(
            _ cdn: TestCDN?, mode: PollingMode = PollingModes.manualPoll(),
            _ configure: (inout ConfigCatOptions) -> Void = { _ in }
        ) throws -> ConfigCatClient {
            try makeClient(cdn, mode: mode) { options in
                options.tracing.tracer = tracer
                configure(&options)
            }
        }

        /// The spans of downloads, in order.
        private var downloads: [FinishedInMemorySpan] {
            tracer.finishedSpans.filter { $0.attributes.get("http.request.method") != nil }
        }

        private func text(_ span: FinishedInMemorySpan, _ name: String) -> String? {
            if case .string(let text)? = span.attributes.get(name) { text } else { nil }
        }

        /// Everything that a span tells, as one string.
        private func contents(_ span: FinishedInMemorySpan) -> String {
            var text = "\(span.operationName) \(span.status?.message ?? "") \(span.errors.map { "\($0.error)" })"
            span.attributes.forEach { text += " \($0)=\($1)" }
            return text
        }

        @Test("downloads with status 200 and 304 are spans with the attributes of HTTP clients")
        func success() async throws {
            let cdn = try await TestCDN(ReasonConfig.answer)
            let client = try client(cdn)
            await client.forceRefresh()
            await client.forceRefresh()
            #expect(downloads.count == 2)
            for (span, status) in zip(downloads, [200, 304]) {
                #expect(span.operationName == "GET /configuration-files/{sdkKey}/config_v6.json")
                #expect(span.kind == .client)
                #expect(text(span, "http.request.method") == "GET")
                #expect(text(span, "server.address") == "127.0.0.1")
                #expect(span.attributes.get("server.port") == .int64(Int64(cdn.port)))
                #expect(span.attributes.get("http.response.status_code") == .int64(Int64(status)))
                #expect(span.attributes.get("error.type") == nil)
                #expect(span.status == nil)
                let url = text(span, "url.full") ?? ""
                #expect(url.hasPrefix("\(cdn.url)/configuration-files/config***"))
            }
        }

        @Test("a response with an error status is a span with that error")
        func errorStatus() async throws {
            let client = try client(try await TestCDN(.response(status: 503)))
            await client.forceRefresh()
            let span = try #require(downloads.first)
            #expect(span.attributes.get("http.response.status_code") == .int64(503))
            #expect(text(span, "error.type") == "503")
            #expect(span.status?.code == .error)
        }

        @Test("a download that gets no response is a span with the kind of the error")
        func timeoutAndRefusal() async throws {
            let cdn = try await TestCDN(.stall)
            let slow = try client(cdn) { $0.http.readTimeout = .milliseconds(50) }
            await slow.forceRefresh()
            let refused = try client(nil) { $0.baseUrl = "http://127.0.0.1:\(freePort())" }
            await refused.forceRefresh()
            #expect(downloads.map { text($0, "error.type") } == ["timeout", "connection"])
            for span in downloads {
                #expect(span.status?.code == .error)
                #expect(span.status?.message?.isEmpty == false)
                #expect(span.attributes.get("http.response.status_code") == nil)
            }
        }

        @Test("the SDK key is in no span, also if the application's tracer is the one of the HTTP client")
        func secret() async throws {
            let cdn = try await TestCDN(ReasonConfig.answer)
            let (tracer, port) = (tracer, freePort())
            try await withTracer(tracer) {
                // The options and the HTTP client take the tracer from here.
                let client = try makeClient(cdn, recorder: LogRecorder()) { options in
                    options.configCache = InMemoryConfigCache()
                    options.evaluationObservers = [SpanEventObserver(includesValue: true, includesUserID: true)]
                }
                await tracer.withSpan("request") { _ in
                    await client.forceRefresh()
                    _ = await client.getValue(for: "plain", defaultValue: false)
                }
                cdn.set(.response(status: 404))
                await client.forceRefresh()
                let refused = try makeClient(nil) { $0.baseUrl = "http://127.0.0.1:\(port)" }
                await refused.forceRefresh()
                await client.shutdown()
                await refused.shutdown()
            }
            let spans = tracer.finishedSpans
            #expect(downloads.count == 3)
            #expect(Set(spans.map(\.operationName)).isSuperset(of: ["request", "write config"]))
            // The HTTP client's own spans would be called GET.
            #expect(!spans.contains { $0.operationName == "GET" })
            for span in spans {
                #expect(!contents(span).contains(testKey))
                #expect(!contents(span).contains("TEST_KEY-0123456789012"))
                for event in span.events { #expect(!"\(event)".contains(testKey)) }
            }
            #expect(cdn.requests.allSatisfy { !"\($0.headers)".contains(InMemoryTracer.traceIDKey) })
        }

        @Test("a refresh that a request asks for is a child of the request's span; polls have no parent")
        func parents() async throws {
            let cdn = try await TestCDN(ReasonConfig.answer)
            let polling = try tracer.withSpan("creation") { _ in
                try client(cdn, mode: PollingModes.autoPoll(autoPollIntervalInSeconds: 1))
            }
            await polling.waitForReady()
            await tracer.withSpan("request") { _ in _ = await polling.forceRefresh() }
            let known = downloads.count
            await eventually("two more polls") { downloads.count >= known + 2 }
            let request = try #require(tracer.finishedSpans.first { $0.operationName == "request" })
            let children = downloads.filter { $0.parentSpanID == request.spanID }
            #expect(children.count == 1)
            #expect(downloads.count { $0.parentSpanID == nil } == downloads.count - 1)
        }

        @Test("cache calls are spans with the attributes of databases")
        func cacheCalls() async throws {
            let cdn = try await TestCDN(ReasonConfig.answer)
            let client = try client(cdn, mode: patientPolling) { $0.configCache = InMemoryConfigCache() }
            await client.waitForReady()
            await client.forceRefresh()
            await client.shutdown()
            let calls = tracer.finishedSpans.filter { $0.attributes.get("db.operation.name") != nil }
            let operations = Set(calls.compactMap { text($0, "db.operation.name") })
            #expect(
                operations.isSuperset(of: ["readHeader", "acquireLease", "write", "refreshTimestamp", "releaseLease"]))
            for span in calls {
                #expect(text(span, "db.system.name") == "in_memory")
                #expect(text(span, "db.query.summary") == span.operationName)
                #expect(span.kind == .internal)
                #expect(span.status == nil)
            }
            #expect(tracer.activeSpans.isEmpty)
        }

        @Test("each cache has the name of its system")
        func systems() async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
            Cleanup.add { try? FileManager.default.removeItem(at: folder) }
            let file = try FileConfigCache(directory: folder.path)
            let database = try SQLiteConfigCache(path: folder.appending(path: "flags.db").path)
            let layers = LayeredConfigCache([InMemoryConfigCache(), file])
            // Nothing listens there, so that the calls fail.
            let redis: any ConfigCache = try .redis("redis://127.0.0.1:\(freePort())")
            for (cache, system) in [(file, "file"), (database, "sqlite"), (layers, "layered"), (redis, "redis")]
                as [(any ConfigCache, String)]
            {
                let client = try client(try await TestCDN(ReasonConfig.answer)) { $0.configCache = cache }
                await client.forceRefresh()
                await client.shutdown()
                let calls = tracer.popFinishedSpans().filter { $0.attributes.get("db.system.name") != nil }
                #expect(calls.count >= 2)
                #expect(Set(calls.map { text($0, "db.system.name") }) == [system])
                #expect(calls.allSatisfy { $0.kind == .client })
                // A read of a client that is closed meanwhile is cancelled.
                let failed = calls.filter { ![nil, "cancelled"].contains(text($0, "error.type")) }
                #expect(failed.isEmpty == (system != "redis"), "\(failed.map { contents($0) })")
            }
            await database.close()
        }

        @Test("an HTTP client of the application that has a tracer is reported, because it would leak the SDK key")
        func tracedHTTPClient() async throws {
            var configuration = HTTPClient.Configuration()
            for (tracer, ids) in [(tracer, [3400]), (nil, [])] as [((any Tracer)?, [Int])] {
                configuration.tracing.tracer = tracer
                let http = HTTPClient(configuration: configuration)
                Cleanup.add { try? await http.shutdown() }
                let log = LogRecorder()
                _ = try makeClient(try await TestCDN(ReasonConfig.answer), recorder: log) { $0.http.client = http }
                #expect(log.ids == ids)
            }
        }

        @Test("a cache that fails is a span with the type of the error; a cache without a name has that of its type")
        func failingCache() async throws {
            let cache = TestCache()
            cache.fail(reads: "no read", writes: "no write")
            let client = try client(try await TestCDN(ReasonConfig.answer)) { $0.configCache = cache }
            await client.forceRefresh()
            await client.shutdown()
            let calls = tracer.finishedSpans.filter { $0.attributes.get("db.operation.name") != nil }
            #expect(Set(calls.map(\.operationName)) == ["read config", "write config"])
            for span in calls {
                #expect(text(span, "db.system.name") == "TestCache")
                #expect(text(span, "error.type") == "Fault")
                #expect(span.status?.code == .error)
                #expect(span.kind == .client)
            }
        }

        @Test("spans that a cache starts are children of the cache call's span")
        func nested() async throws {
            struct Traced: ConfigCache {
                let tracer: InMemoryTracer
                func read(for key: String) async throws -> String? { tracer.withSpan("GET") { _ in nil } }
                func write(for key: String, value: String) async throws { tracer.withSpan("SET") { _ in } }
            }
            let client = try client(try await TestCDN(ReasonConfig.answer)) { $0.configCache = Traced(tracer: tracer) }
            await client.forceRefresh()
            await client.shutdown()
            let spans = tracer.finishedSpans
            for (inner, outer) in [("GET", "read config"), ("SET", "write config")] {
                let parents = Set(spans.filter { $0.operationName == outer }.map(\.spanID))
                let children = spans.filter { $0.operationName == inner }
                #expect(!children.isEmpty)
                #expect(children.allSatisfy { parents.contains($0.parentSpanID ?? "") })
            }
        }

        @Test("a client that is closed during a download ends its spans")
        func closing() async throws {
            let cdn = try await TestCDN(.stall)
            let client = try client(cdn, mode: patientPolling)
            await eventually("the download has begun") { !cdn.requests.isEmpty }
            await client.shutdown()
            await eventually("its span has ended") { tracer.activeSpans.isEmpty && downloads.count == 1 }
            #expect(downloads.map { text($0, "error.type") } == ["cancelled"])
        }
    }
#endif
