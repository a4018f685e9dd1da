import ConfigCat
import ConfigCatEvaluation
import ConfigCatTestSupport
import Dispatch
import Foundation
import Synchronization
import Testing

@testable import ConfigCatTesting

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Testing flags under attack", .cleanup)
struct TestingAdversityIntegrationTests {
    @Test("an outage of all tests reaches a test that has loaded a config, and its end too", arguments: [true, false])
    func outageAroundLoadedConfig(isNested: Bool) async throws {
        let flags = TestFlags()
        let client = flags.client()
        let json = #"{"flags": {"limit": 5}}"#
        func check() async throws {
            for isOutage in [true, false, true, false] {
                flags.setDefaults { $0.isOutage = isOutage }
                #expect((client.snapshot().config == nil) == isOutage)
                #expect(await client.value(of: .limit) == (isOutage ? 10 : 5))
                flags.update { try? $0.load(json: json) }
            }
            flags.startOutage()
            flags.setDefaults { $0.isOutage = false }
            #expect(client.snapshot().config == nil, "the test's own outage goes on")
        }
        try await withFlags(flags) {
            try $0.load(json: json)
        } operation: {
            if isNested { try await withFlags(flags, operation: { try await check() }) } else { try await check() }
        }
        #expect(client.snapshot().config != nil)
        flags.setDefaults { $0.isOutage = true }
        try await withFlags(flags) {
            try $0.load(json: json)
        } operation: {
            #expect(client.snapshot().config == nil)
            flags.setDefaults { $0.isOutage = false }
            #expect(await client.value(of: .limit) == 5)
            flags.reset()
            #expect(await client.value(of: .limit) == 5)
        }
    }

    @Test("a change that another task has made, but not yet published, is published by a change to the same value")
    func unpublishedChange() async throws {
        let flags = TestFlags()
        let client = flags.client()
        let isHeld = Atomic(false)
        let (began, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        // Any of them may be called before the client, and the first one to be called with a change waits.
        for _ in 0..<50 {
            flags.attach { _, version in
                if version > 0, !isHeld.exchange(true, ordering: .relaxed) {
                    began.signal()
                    goOn.wait()
                }
                return true
            }
        }
        async let first: Void = blocking { flags.set(.limit, to: 1) }
        try await blocking { began.wait() }
        flags.set(.limit, to: 1)
        #expect(await client.value(of: .limit) == 1)
        goOn.signal()
        try await first
        #expect(await client.value(of: .limit) == 1)
    }

    @Test("extreme values reach evaluations unchanged")
    func extremes() async {
        let flags = TestFlags()
        let client = flags.client()
        for value in [Int.min, .max, 1 << 53 + 1, 0] {
            flags.set("int", to: value)
            #expect(await client.getValue(for: "int", defaultValue: 1) == value)
        }
        for value in [Double.greatestFiniteMagnitude, .leastNonzeroMagnitude, 0.0, 0.1, 1e21] {
            flags.set("double", to: value)
            #expect(await client.getValue(for: "double", defaultValue: 1.0).bitPattern == value.bitPattern)
        }
        for value in ["\u{0}", "\u{2028}", "\"\\", "e\u{301}", String(repeating: "\u{1F468}", count: 100_000)] {
            flags.set("string", to: value)
            #expect(await client.getValue(for: "string", defaultValue: "").utf8.elementsEqual(value.utf8))
        }
    }

    @Test("keys that only look the same are two settings, also in nested scopes and for recorders")
    func unicodeKeys() async throws {
        let flags = TestFlags { $0.set("\u{E9}", to: 1) }
        let client = flags.client()
        try await withFlags(flags) {
            $0.set("e\u{301}", to: 2)
        } operation: {
            let recorder = EvaluationRecorder(client)
            try await withFlags(flags) {
                $0.remove("\u{E9}")
            } operation: {
                #expect(await client.getValue(for: "\u{E9}", defaultValue: 0) == 0)
                #expect(await client.getValue(for: "e\u{301}", defaultValue: 0) == 2)
                #expect(flags.values.keys.map { Array($0.utf8) } == [Array("e\u{301}".utf8)])
            }
            #expect(await client.getAllKeys().count == 2)
            #expect(recorder.evaluations(of: "\u{E9}").count == 1)
            #expect(recorder.evaluations(of: "e\u{301}").count == 1)
        }
    }

    @Test("parallel nested scopes see their own values, while those around them change")
    func parallelScopes() async throws {
        let flags = TestFlags { $0[.limit] = 0 }
        let client = flags.client()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 1...8 {
                group.addTask {
                    try await withFlags(flags) {
                        $0[.limit] = task
                    } operation: {
                        try await withThrowingTaskGroup(of: Void.self) { inner in
                            for part in 1...4 {
                                inner.addTask {
                                    try await withFlags(flags) {
                                        $0[.searchEngine] = "\(part)"
                                    } operation: {
                                        for _ in 0..<50 {
                                            flags.setDefaults { $0[.freeShipping] = Bool.random() }
                                            #expect(await client.value(of: .limit) == task)
                                            #expect(await client.value(of: .searchEngine) == "\(part)")
                                            flags.set(.searchEngine, to: "\(part)")
                                            if part == 1 { flags.startOutage() }
                                            #expect((client.snapshot().config == nil) == (part == 1))
                                            flags.endOutage()
                                        }
                                    }
                                }
                            }
                            try await inner.waitForAll()
                        }
                        #expect(await client.value(of: .searchEngine) == "plain")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(await client.value(of: .limit) == 0)
    }

    // MARK: - Scripted CDN

    /// Connects to a CDN and sends bytes.
    private static func connect(_ port: Int, sending text: String) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
        _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
        return descriptor
    }

    /// Reads until the other side closes the connection.
    private static func readAll(_ socket: Int32) async throws -> String {
        try await blocking {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 { bytes += buffer[..<count] }
            close(socket)
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private static let request = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"

    @Test(
        "connections that send half a request, nothing, garbage or end their half do not hold up a shutdown",
        arguments: ["", "GET /x HT", "GET /x HTTP/1.1\r\nHost: h\r\nX: ", "\u{0}\u{1}garbage\r\n\r\n", request])
    func halfOpen(text: String) async throws {
        let cdn = try await ScriptedCDN(.stall)
        let (open, half) = (try Self.connect(cdn.port, sending: text), try Self.connect(cdn.port, sending: text))
        _ = Glibc.shutdown(half, Int32(SHUT_WR))
        let last = try Self.connect(cdn.port, sending: Self.request)
        try await cdn.waitForRequests(1)
        await cdn.shutdown()
        await cdn.shutdown()
        for socket in [open, half, last] { #expect(try await Self.readAll(socket).hasPrefix("HTTP/1.1 200") == false) }
        await #expect(throws: CancellationError.self) { try await cdn.waitForRequests(100) }
        cdn.startOutage()
        cdn.endOutage()
        cdn.respond(with: .drop)
    }

    @Test("a client that ends its half after the request gets the response")
    func halfClosed() async throws {
        let cdn = try await ScriptedCDN(.response(status: 200, body: Array("hello".utf8)))
        Cleanup.add { await cdn.shutdown() }
        let socket = try Self.connect(cdn.port, sending: Self.request)
        _ = Glibc.shutdown(socket, Int32(SHUT_WR))
        #expect(try await Self.readAll(socket).hasSuffix("hello"))
    }

    @Test("outages that begin and end while requests arrive lose no response of the script")
    func flappingOutage() async throws {
        let cdn = try await ScriptedCDN(.config(#"{"f":{"limit":{"t":2,"v":{"i":5}}}}"#))
        Cleanup.add { await cdn.shutdown() }
        let client = try makeClient(nil) { $0.baseUrl = cdn.url }
        for _ in 0..<20 {
            async let refresh = client.forceRefresh()
            cdn.startOutage()
            cdn.endOutage()
            _ = await refresh
        }
        #expect(await client.forceRefresh().success)
        #expect(await client.value(of: .limit) == 5)
    }
}
