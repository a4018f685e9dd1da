import ArgumentParser
import Foundation

/// Runs three servers of the shop on one cache, and a CDN. Clients send requests all the time, while a flag is flipped,
/// a server is killed and started again, and Redis is killed and started again. Prints what the clients saw.
@main
struct ShopTrial: AsyncParsableCommand {
    @Option(help: "The folder of `configcatctl`.") var tools: String
    @Option(help: "The cache: redis or sqlite.") var cache = "redis"
    @Option(help: "The seconds of each of the five parts.") var seconds = 3.0
    @Option(help: "The number of clients.") var clients = 8

    private static let sdkKey = "configcat-sdk-1/SHOP_EXAMPLE_000000001/SHOP_EXAMPLE_000000001"

    func validate() throws {
        guard ["redis", "sqlite"].contains(cache) else { throw ValidationError("--cache has to be redis or sqlite") }
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds has to be from 0 to 3600") }
        guard (1...1000).contains(clients) else { throw ValidationError("--clients has to be from 1 to 1000") }
    }

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("shop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await Trial(self, folder: folder, sdkKey: Self.sdkKey).run()
    }
}
