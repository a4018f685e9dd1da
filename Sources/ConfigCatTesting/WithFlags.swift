/// Runs a part of a test with flags of its own, as the trait `flags` does for a whole test. For XCTest, and for tests
/// that need several sets of flags.
///
///     try await withFlags {
///         $0[.newCheckout] = true
///     } operation: {
///         let page = await shop.checkout()
///     }
///
/// Inside another one, or in a test with the trait, it begins with the values there.
///
/// - Parameters:
///   - flags: The flags that the application's client uses; ``TestFlags/shared`` by default.
///   - configure: A closure that changes the values.
///   - operation: The part of the test.
/// - Returns: The result of the operation.
/// - Throws: Any error that a closure throws, and ``TestFlagsError`` if no client has ever used the flags.
nonisolated(nonsending) public func withFlags<Result>(
    _ flags: TestFlags = .shared, _ configure: (inout TestFlagValues) throws -> Void = { _ in },
    operation: nonisolated(nonsending) () async throws -> Result
) async throws -> Result {
    let result = try await TestScope.$current.withValue(TestScope(flags, configure)) { try await operation() }
    try flags.requireClient()
    return result
}

/// Runs a synchronous part of a test with flags of its own. See the asynchronous `withFlags`.
///
/// - Parameters:
///   - flags: The flags that the application's client uses; ``TestFlags/shared`` by default.
///   - configure: A closure that changes the values.
///   - operation: The part of the test.
/// - Returns: The result of the operation.
/// - Throws: Any error that a closure throws, and ``TestFlagsError`` if no client has ever used the flags.
public func withFlags<Result>(
    _ flags: TestFlags = .shared, _ configure: (inout TestFlagValues) throws -> Void = { _ in },
    operation: () throws -> Result
) throws -> Result {
    let result = try TestScope.$current.withValue(TestScope(flags, configure)) { try operation() }
    try flags.requireClient()
    return result
}

extension TestFlags {
    /// Checks, at the end of a test, that a client can have used its values.
    func requireClient() throws(TestFlagsError) {
        if hasHadClient { return }
        let name = self === TestFlags.shared ? "TestFlags.shared" : "the TestFlags"
        throw TestFlagsError(
            code: .noClient,
            message: "The test has set flags that no client uses. Give the application a client of \(name): "
                + "\(name).client(), or options.flagOverrides = \(name).")
    }
}
