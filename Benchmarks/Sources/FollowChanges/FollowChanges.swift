import ConfigCat
import ConfigCatRedisCache

/// Evaluates a Bool flag after each change of the config in Redis, until it is terminated.
///
///     FollowChanges redis://127.0.0.1:6379 newCheckout
@main
enum FollowChanges {
    static func main() async throws {
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self)
        let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/BENCHMARK_012345678901/FOLLOW_CHANGES_0123456") {
            options in
            options.configCache = try .redis(CommandLine.arguments[1])
            options.offline = true
            _ = options.hooks.addOnConfigChanged { _ in continuation.yield() }
        }
        let user = ConfigCatUser(identifier: "1", email: "user@example.com", country: "US")
        for await _ in changes {
            _ = await client.getValue(for: CommandLine.arguments[2], defaultValue: false, user: user)
        }
    }
}
