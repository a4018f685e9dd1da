#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The time of day in milliseconds, with fractions: the processes of a fleet share it.
package enum FleetClock {
    package static var now: Double { Date().timeIntervalSince1970 * 1000 }
}
