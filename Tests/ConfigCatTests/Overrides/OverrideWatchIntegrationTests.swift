import ConfigCatEvaluation
import Foundation
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

@Suite("Overrides of a client", .cleanup)
struct OverrideWatchIntegrationTests {
    private func flags(_ value: Int) -> Data { Data(#"{"flags": {"number": \#(value)}}"#.utf8) }

    private func localClient(_ path: String, _ recorder: LogRecorder) throws -> ConfigCatClient {
        try makeClient(nil, recorder: recorder, sdkKey: "local") {
            $0.flagOverrides = LocalFileDataSource(path: path, behaviour: .localOnly)
        }
    }

    @Test("an override file that is edited in place, replaced, or removed and restored is read again")
    func edits() async throws {
        try await withFolder { folder in
            let recorder = LogRecorder()
            let file = folder.appending(path: "flags.json")
            try flags(1).write(to: file)
            let client = try localClient(file.path, recorder)
            #expect(await client.getValue(for: "number", defaultValue: 0) == 1)
            #expect(client.snapshot().cacheState == .hasLocalOverrideFlagDataOnly)

            try flags(2).write(to: file)
            await eventually("an edit in place is seen") {
                await client.getValue(for: "number", defaultValue: 0) == 2
            }

            let other = folder.appending(path: "flags.json.new")
            try flags(3).write(to: other)
            #expect(rename(other.path, file.path) == 0)
            await eventually("a replaced file is seen") {
                await client.getValue(for: "number", defaultValue: 0) == 3
            }

            try Data("{".utf8).write(to: file)
            await eventually("an invalid edit is logged") { recorder.ids.contains(2302) }
            #expect(await client.getValue(for: "number", defaultValue: 0) == 3)
            try FileManager.default.removeItem(at: file)
            await eventually("a removed file is logged") { recorder.ids.contains(1300) }
            #expect(await client.getValue(for: "number", defaultValue: 0) == 3)
            try flags(4).write(to: file)
            await eventually("a file that comes back is seen") {
                await client.getValue(for: "number", defaultValue: 0) == 4
            }
            client.close()
        }
    }

    @Test("a link that is moved to another folder, as by Kubernetes, is followed")
    func links() async throws {
        try await withFolder { folder in
            for value in 1...2 {
                let version = folder.appending(path: "version\(value)")
                try FileManager.default.createDirectory(at: version, withIntermediateDirectories: true)
                try flags(value).write(to: version.appending(path: "flags.json"))
            }
            let data = folder.appending(path: "data")
            try FileManager.default.createSymbolicLink(atPath: data.path, withDestinationPath: "version1")
            let file = folder.appending(path: "flags.json")
            try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "data/flags.json")
            let client = try localClient(file.path, LogRecorder())
            #expect(await client.getValue(for: "number", defaultValue: 0) == 1)
            let moved = folder.appending(path: "data.new")
            try FileManager.default.createSymbolicLink(atPath: moved.path, withDestinationPath: "version2")
            #expect(rename(moved.path, data.path) == 0)
            await eventually("the link is followed") {
                await client.getValue(for: "number", defaultValue: 0) == 2
            }
            client.close()
        }
    }

    @Test("a missing file in a missing folder is logged as event 1300, and read when it has been created")
    func missing() async throws {
        try await withFolder { folder in
            let recorder = LogRecorder()
            let file = folder.appending(path: "later/flags.json")
            let client = try localClient(file.path, recorder)
            #expect(recorder.ids == [1300])
            #expect(await client.getValue(for: "number", defaultValue: 9) == 9)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try flags(1).write(to: file)
            await eventually("the file is seen") {
                await client.getValue(for: "number", defaultValue: 0) == 1
            }
            client.close()
        }
    }

    @Test("localOnly makes no requests; the other behaviours combine overrides with the downloaded config")
    func behaviours() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        for (behaviour, number) in [(OverrideBehaviour.localOverRemote, 5), (.remoteOverLocal, 1)] {
            let client = try makeClient(cdn, mode: patientPolling) {
                $0.flagOverrides = LocalDictionaryDataSource(source: ["number": 5, "own": true], behaviour: behaviour)
            }
            #expect(await client.waitForReady() == .hasUpToDateFlagData)
            #expect(await client.getValue(for: "number", defaultValue: 0) == number)
            #expect(await client.getValue(for: "own", defaultValue: false) == true)
            #expect(await client.getValue(for: "other", defaultValue: "") == "x")
            client.close()
        }
        let requests = cdn.requests.count
        let recorder = LogRecorder()
        let client = try makeClient(cdn, recorder: recorder, sdkKey: "any") {
            $0.flagOverrides = LocalDictionaryDataSource(source: ["number": 5], behaviour: .localOnly)
        }
        #expect(await client.waitForReady() == .hasLocalOverrideFlagDataOnly)
        #expect(await client.forceRefresh().errorCode == .localOnlyClient)
        #expect(recorder.ids == [3202])
        #expect(cdn.requests.count == requests)
    }
}
