import Foundation
import ConfigCatTestSupport
import Testing

/// Short runs of fleets of real processes. `make fleet` runs longer ones.
@Suite("Fleet", .serialized)
struct FleetIntegrationTests {
    private struct Report: Decodable {
        struct Start: Decodable {
            var downloads: Int
            var cacheBytes: Int?
        }
        struct Change: Decodable {
            var version: Int
            var missing: Int
        }
        var processes: Int
        var start: Start
        var downloads: Int
        var notModified: Int
        var requestsPerInterval: Double
        var cacheBytes: Int?
        var cacheCommandsPerProcessAndInterval: Double
        var changes: [Change]
        var evaluations: Int
        var takeOverMilliseconds: Double?
        var killed: Int
        var wrongValues: Int
        var regressedValues: Int
    }

    private func fleet(_ arguments: String...) async throws -> Report {
        let output = try await Tools.run([Tools.built("configcatctl").path, "fleet", "--json"] + arguments)
        return try JSONDecoder().decode(Report.self, from: Data(output.utf8))
    }

    /// The size of the config in bytes: small enough for debug builds on two cores that other suites use too.
    private static let size = "20000"

    @Test(
        "10 processes download once at the start and once for a change, and all of them get the change",
        arguments: ["redis-server", "sqlite", "file"])
    func short(_ cache: String) async throws {
        if cache == "redis-server", !RedisServer.isAvailable { return }
        try await withFolder { folder in
            let url =
                switch cache {
                case "sqlite": "sqlite://\(folder.path)/fleet.db"
                case "file": "file://\(folder.path)"
                default: cache
                }
            let report = try await fleet(
                "--processes", "10", "--duration", "10", "--change", "4", "--size", Self.size, "--cache", url)
            #expect(report.processes == 10 && report.start.downloads == 1)
            #expect(report.downloads == 1 && report.requestsPerInterval < 2.5)
            #expect(report.changes.map(\.version) == [1] && report.changes.map(\.missing) == [0])
            #expect(report.wrongValues == 0 && report.regressedValues == 0 && report.evaluations > 0)
            #expect((cache == "redis-server") == (report.cacheBytes != nil))
        }
    }

    @Test(
        "when Redis or the CDN fails, all processes keep their values and get the change",
        .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)),
        arguments: [
            "cache-kill@1+2", "cache-stop@1+2", "cache-pause@1+2", "cache-flush@1", "cache-full@1+2",
            "cache-readonly@1+2",
            "cache-cut@2.5", "cdn-down@1+3",
        ])
    func redisFaults(_ fault: String) async throws {
        let report = try await fleet(
            "--processes", "4", "--interval", "1", "--duration", "7", "--change", "2", "--size", Self.size, "--cache",
            "redis-server", "--fault", fault)
        #expect(report.wrongValues == 0 && report.regressedValues == 0)
        #expect(report.changes.map(\.missing) == [0])
    }

    @Test(
        "when a local cache is locked or deleted, all processes keep their values and get the change",
        arguments: ["sqlite cache-lock@1+3", "sqlite cache-delete@1", "file cache-delete@1"])
    func localFaults(_ text: String) async throws {
        let parts = text.split(separator: " ").map(String.init)
        try await withFolder { folder in
            let url = parts[0] == "sqlite" ? "sqlite://\(folder.path)/fleet.db" : "file://\(folder.path)"
            let report = try await fleet(
                "--processes", "4", "--interval", "1", "--duration", "7", "--change", "2", "--size", Self.size,
                "--cache", url, "--fault", parts[1])
            #expect(report.wrongValues == 0 && report.regressedValues == 0)
            #expect(report.changes.map(\.missing) == [0])
        }
    }

    @Test("when the process that downloads is killed, another one takes over")
    func holderKill() async throws {
        let report = try await fleet(
            "--processes", "5", "--interval", "1", "--duration", "12", "--change", "9", "--size", Self.size, "--fault",
            "holder-kill@1")
        #expect(report.killed == 1 && report.takeOverMilliseconds ?? .infinity < 60_000)
        #expect(report.wrongValues == 0 && report.regressedValues == 0 && report.changes.map(\.missing) == [0])
    }

    @Test("in the simulation, 10 to 1,000 processes download once for a change, with few cache commands per process")
    func simulation() async throws {
        var reports: [Report] = []
        for processes in ["10", "100", "1000"] {
            reports.append(
                try await fleet(
                    "--simulate", "--processes", processes, "--interval", "10", "--duration", "100", "--change", "35"))
        }
        for report in reports {
            #expect(report.start.downloads == 1 && report.downloads == 1 && report.notModified <= 11)
            #expect(report.cacheCommandsPerProcessAndInterval < 2.5)
            #expect(report.regressedValues == 0 && report.changes.map(\.missing) == [0])
        }
    }

    @Test("a fault that is unknown, has no times or cannot be used with the cache is rejected with the reason")
    func refusals() async throws {
        for (fault, reason) in [
            ("meteor@1", "meteor"), ("cdn-down", "no valid times"), ("cache-kill@0", "redis-server"),
            ("cache-flush@0", "cannot be used with this cache"),
        ] {
            let error = await #expect(throws: Tools.Failed.self) {
                try await Tools.run(
                    Tools.built("configcatctl").path, "fleet", "--processes", "1", "--duration", "0", "--fault", fault)
            }
            #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        }
    }
}
