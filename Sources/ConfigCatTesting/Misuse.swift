import Foundation

#if canImport(Testing)
    import Testing
#endif

/// Mistakes in tests.
enum Misuse {
    /// Records an issue of the current test. Outside of Swift Testing, the message goes to standard error.
    static func report(_ message: String) {
        #if canImport(Testing)
            if Test.current != nil {
                Issue.record(Comment(rawValue: message))
                return
            }
        #endif
        FileHandle.standardError.write(Data("ConfigCatTesting: \(message)\n".utf8))
    }
}
