/// The properties of a config on which the state machine's decisions depend.
package protocol PollableEntry: Sendable {
    /// The time at which it was asked for or last confirmed.
    var time: EntryTime { get set }
    /// The CDN's name for this content; may be empty.
    var eTag: String { get set }
    /// Returns whether both have the same content, whatever their times and ETags are.
    func isSameConfig(as other: Self) -> Bool
}

extension PollableEntry {
    /// Returns the same config, confirmed at another time.
    package func confirmed(at time: EntryTime) -> Self {
        var confirmed = self
        confirmed.time = time
        return confirmed
    }
}
