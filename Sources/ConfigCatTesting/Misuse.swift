import Foundation

#if canImport(Testing)
    import Testing
#endif

/// Mistakes in tests.
enum Misuse {
    /// Records an issue of the current test. Outside of Swift Testing, the message goes to standard error.
    static func report(_ message: String) {
        #if canImport(Testing)
            if let test = Test.current {
                Issue.record(Comment(rawValue: message), sourceLocation: test.sourceLocation)
                return
            }
        #endif
        FileHandle.standardError.write(Data("ConfigCatTesting: \(message)\n".utf8))
    }
}
