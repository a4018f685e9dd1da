import CCounters
import ConfigCat
import Crypto
import Foundation
import Logging

/// The time that ConfigCat's Go SDK 9.0 took for the same work, and that of the calibration row on the same machine: SHA-256
/// of 60 bytes with swift-crypto. Machines differ, so only the ratio of the two is compared.
struct Peer {
    /// In nanoseconds, as the calibration.
    var time: Double
    var calibration: Double

    var ratio: Double { time / calibration }

    /// A median of `../shared/bench/PEERS.md`, where the calibration took 250 to 280 ns.
    static func goBesideUs(_ time: Double) -> Peer { Peer(time: time, calibration: 265) }
    /// A median of an earlier run, of decoding without HTTP.
    static func go(_ time: Double) -> Peer { Peer(time: time, calibration: 148) }
}

/// The parts of a user as a request has them. The optimizer does not know them, so it cannot make the user in advance.
private struct RequestUser {
    var identifier = opaque("1234567890-user-identifier")
    var email = opaque("user9_9@example.com")
    var country = opaque("US")
    var version = opaque("2.3.1")
    var rating = opaque(4.75)
    var role = opaque("Admin")

    func make() -> ConfigCatUser {
        ConfigCatUser(
            identifier: identifier, email: email, country: country,
            custom: ["Version": .string(version), "Rating": .double(rating), "Role": .string(role)])
    }
}

struct Row {
    var name: String
    var work: String
    var peer: Peer?
    var operation: () -> Void
    var samples = 31
}

@main
enum Benchmarks {
    static func main() async throws {
        let hasInstructions = counters_start_instructions() != 0
        let documents = Documents()
        print("documents: \(documents.directory == nil ? "generated (../shared/bench is absent)" : "../shared/bench")")
        print("instructions: \(hasInstructions ? "counted" : "cannot be counted on this machine")")
        print("Go: ConfigCat's Go SDK, measured earlier on another machine; 'ahead' is an estimate from the ratios\n")
        let only = Set(CommandLine.arguments.dropFirst())

        let message = Array(repeating: UInt8(ascii: "x"), count: 60)
        let calibration = measure { blackHole(SHA256.hash(data: message)) }
        report(
            Row(name: "calibration", work: "SHA-256 of 60 bytes, swift-crypto") {}, calibration, calibration)
        for row in try rows(documents) where only.isEmpty || only.contains(row.name) {
            report(row, measure(samples: row.samples, row.operation), calibration)
        }
        if only.isEmpty || only.contains("client") { try await ClientBenchmarks.run(documents) }
        if only.isEmpty || only.contains("caches") { try await CacheBenchmarks.run(documents) }
        if only.isEmpty || only.contains("change") { try await ChangeBenchmark.run(documents) }
        if only.isEmpty || only.contains("start") { try StartBenchmark.run(documents) }
    }

    /// The flags of a request: the first 20 Bool settings, by the last 11 characters of their keys.
    static func requestFlags(_ config: [UInt8]) throws -> [FeatureFlag<Bool>] {
        try Config(json: config).settings.filter { $0.type == .bool }
            .sorted { $0.key.suffix(11) < $1.key.suffix(11) }.prefix(20)
            .map { FeatureFlag($0.key, defaultValue: false) }
    }

    private static func rows(_ documents: Documents) throws -> [Row] {
        let requestUser = RequestUser()
        let user = requestUser.make()
        var logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .warning
        func snapshot(_ bytes: [UInt8]) throws -> ConfigCatClientSnapshot {
            opaque(ConfigCatClientSnapshot(config: try Config(json: bytes), logger: logger))
        }
        let (s1, s2, s3) = (try snapshot(documents.w1), try snapshot(documents.w2), try snapshot(documents.w3))
        let (s4, s5, s6) = (try snapshot(documents.w4), try snapshot(documents.w5), try snapshot(documents.w6))
        let small = documents.w6
        let large = documents.w7
        precondition(s1.getValue(for: "w1", defaultValue: false) == true)
        precondition(s2.getValue(for: "w2", defaultValue: false, user: user) == true)
        precondition(s3.getValue(for: "w3", defaultValue: true, user: user) == false)
        precondition(s5.getValue(for: "w5", defaultValue: "", user: user) == "on")
        let flags = try requestFlags(documents.w6)
        let flagW1 = opaque(FeatureFlag("w1", defaultValue: false))
        let flagW2 = opaque(FeatureFlag("w2", defaultValue: false))
        let s2u = opaque(s2.with(user: user))
        func request(reads: Int) {
            let snapshot = s6.with(user: requestUser.make())
            for _ in 0..<reads {
                for flag in flags { blackHole(snapshot.value(of: flag)) }
            }
        }
        return [
            Row(name: "floor", work: "nothing") { blackHole(false) },
            Row(name: "W1t", work: "flag without rules, declared", peer: .goBesideUs(7.3)) {
                blackHole(s1.value(of: flagW1))
            },
            Row(name: "W1", work: "the same, by key", peer: .goBesideUs(34)) {
                blackHole(s1.getValue(for: "w1", defaultValue: false))
            },
            Row(name: "W2", work: "10 rules, IS ONE OF 10 strings", peer: .goBesideUs(717)) {
                blackHole(s2.getValue(for: "w2", defaultValue: false, user: user))
            },
            Row(name: "W2r", work: "W2 again, from a snapshot of the user", peer: .goBesideUs(13.5)) {
                blackHole(s2u.value(of: flagW2))
            },
            Row(name: "W3", work: "hashed IS ONE OF 20, no match", peer: .goBesideUs(947)) {
                blackHole(s3.getValue(for: "w3", defaultValue: false, user: user))
            },
            Row(name: "W4", work: "percentage options 50/50", peer: .goBesideUs(831)) {
                blackHole(s4.getValue(for: "w4", defaultValue: false, user: user))
            },
            Row(name: "W5", work: "semver, number, segment, prerequisites", peer: .goBesideUs(1059)) {
                blackHole(s5.getValue(for: "w5", defaultValue: "", user: user))
            },
            Row(name: "W6", work: "all values of 370 settings", peer: .goBesideUs(170_000)) {
                blackHole(s6.getAllValues(user: user))
            },
            Row(name: "W7a", work: "decode 144 kB, 370 settings", peer: .go(4_700_000)) {
                blackHole(try? Config(json: small))
            },
            Row(name: "W10a", work: "request: create a user, read 20 flags", peer: .goBesideUs(8700)) {
                request(reads: 1)
            },
            Row(name: "W10b", work: "the same, each flag three times", peer: .goBesideUs(7100)) { request(reads: 3) },
            Row(name: "user", work: "create a user with six attributes") { blackHole(requestUser.make()) },
            Row(
                name: "W7b", work: "decode 3.3 MB, 10,000 settings", peer: .go(106_000_000),
                operation: {
                    blackHole(try? Config(json: large))
                }, samples: 15),
        ]
    }

    /// Prints a row: the time, its ratio to the calibration row, and the factor by which the peer's ratio is larger. That
    /// factor is an estimate, because the peer ran on another machine.
    private static func report(_ row: Row, _ result: Measurement, _ calibration: Measurement) {
        if row.name == "calibration" {
            print(line("", "work", "median", "±", "× calib.", "Go × calib.", "ahead ≈", "allocs", "instr."))
        }
        let ratio = result.median / calibration.median
        print(
            line(
                row.name, row.work, time(result.median), String(format: "%.0f%%", result.spread),
                String(format: "%.2f", ratio), row.peer.map { String(format: "%.2f", $0.ratio) } ?? "",
                row.peer.map { String(format: "%.1f×", $0.ratio / ratio) } ?? "",
                result.allocations.map { String(format: "%.0f", $0) } ?? "n/a",
                result.instructions.map { String(format: "%.0f", $0) } ?? "n/a"))
    }

    private static func time(_ nanoseconds: Double) -> String {
        switch nanoseconds {
        case ..<1000: String(format: "%.1f ns", nanoseconds)
        case ..<1_000_000: String(format: "%.1f µs", nanoseconds / 1000)
        default: String(format: "%.2f ms", nanoseconds / 1_000_000)
        }
    }

    private static func line(_ cells: String...) -> String {
        let widths = [-12, -40, 10, 5, 10, 12, 8, 8, 10]
        return zip(cells, widths).map { cell, width in
            let padding = String(repeating: " ", count: max(0, abs(width) - cell.count))
            return width < 0 ? cell + padding : padding + cell
        }.joined()
    }
}
