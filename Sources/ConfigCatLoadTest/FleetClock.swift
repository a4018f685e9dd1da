#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The clock that the processes of a fleet share.
package enum FleetClock {
    /// The time of day in Unix milliseconds, with fractions.
    package static var now: Double { Date().timeIntervalSince1970 * 1000 }
}
