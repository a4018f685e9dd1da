#if canImport(Testing)
    public import Testing

    /// A trait that gives each test flags of its own. See `Trait.flags(_:_:)`.
    public struct FlagsTrait: TestTrait, SuiteTrait, TestScoping {
        let flags: TestFlags
        let configure: @Sendable (inout TestFlagValues) throws -> Void

        /// True: the trait of a suite gives each of its tests its own flags, also in suites inside it.
        public var isRecursive: Bool { true }

        /// Runs a test, or one case of a test with arguments, with flags of its own.
        ///
        /// - Parameters:
        ///   - test: The test.
        ///   - testCase: The case.
        ///   - function: The body of the test.
        /// - Throws: Any error that the trait's closure or the test throws. An issue is recorded if no client has ever
        ///   used the flags.
        public func provideScope(
            for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
        ) async throws {
            try await TestScope.$current.withValue(TestScope(flags, configure)) { try await function() }
            do {
                try flags.requireClient()
            } catch {
                Issue.record(Comment(rawValue: error.message), sourceLocation: test.sourceLocation)
            }
        }
    }

    extension Trait where Self == FlagsTrait {
        /// Gives each test flags of its own, which begin with the values that all tests share.
        ///
        ///     @Test(.flags, arguments: [true, false])
        ///     func checkout(isNew: Bool) async throws {
        ///         TestFlags.shared.set(.newCheckout, to: isNew)
        ///     }
        public static var flags: Self { .flags { _ in } }

        /// Gives each test flags of its own. Parallel tests do not see each other's.
        ///
        ///     @Test(.flags { $0[.newCheckout] = true })
        ///     func checkout() async throws { … }
        ///
        /// The application's client has to come from the same ``TestFlags``. The values are those that all tests share,
        /// changed by the trait of the outermost suite first, and by the trait of the test last.
        ///
        /// - Parameters:
        ///   - flags: The flags that the application's client uses; ``TestFlags/shared`` by default.
        ///   - configure: A closure that changes the values. It is called for each test, and for each argument of a
        ///     test.
        /// - Returns: The trait.
        public static func flags(
            _ flags: TestFlags = .shared, _ configure: @escaping @Sendable (inout TestFlagValues) throws -> Void
        ) -> Self {
            FlagsTrait(flags: flags, configure: configure)
        }
    }
#endif
