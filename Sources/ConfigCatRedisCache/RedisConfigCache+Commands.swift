extension RedisConfigCache {
    /// Runs any command on the server of the URL, and returns its answer as a string. For tools that maintain a server.
    package func command(_ arguments: String...) async throws -> String {
        let command = RedisCommand(arguments: arguments)
        switch try await router.execute(command, key: "", "run \(arguments.first ?? "")") {
        case .string(let text): return text
        case .integer(let number): return String(number)
        default: return ""
        }
    }
}
