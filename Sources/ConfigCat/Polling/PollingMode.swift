/// When a client downloads its config. Made by ``PollingModes``.
public struct PollingMode: Sendable {
    package enum Kind: Sendable {
        case auto(interval: Int, maxInitWait: Int)
        case lazy(timeToLive: Int)
        case manual
    }

    let kind: Kind

    /// The letter by which the user agent tells modes apart.
    var letter: String {
        switch kind {
        case .auto: "a"
        case .lazy: "l"
        case .manual: "m"
        }
    }

    /// What is wrong with the mode's times, if anything.
    var validationError: String? {
        // The longest time that every SDK's timers can wait.
        let longest = 2_147_483
        switch kind {
        case .auto(let interval, let maxInitWait):
            if !(1...longest).contains(interval) {
                return "autoPollIntervalInSeconds is \(interval); it has to be from 1 to \(longest) seconds"
            }
            if !(0...longest).contains(maxInitWait) {
                return "maxInitWaitTimeInSeconds is \(maxInitWait); it has to be from 0 to \(longest) seconds"
            }
            return nil
        case .lazy(let timeToLive):
            return (1...longest).contains(timeToLive)
                ? nil : "cacheRefreshIntervalInSeconds is \(timeToLive); it has to be from 1 to \(longest) seconds"
        case .manual:
            return nil
        }
    }
}

/// The three ways to keep a config fresh.
public enum PollingModes {
    /// Downloads the config in the background, at once and then at intervals.
    ///
    /// - Parameters:
    ///   - autoPollIntervalInSeconds: Seconds between downloads; at least 1, 60 by default.
    ///   - maxInitWaitTimeInSeconds: How many seconds evaluations wait for the first config; at least 0, 5 by default.
    public static func autoPoll(
        autoPollIntervalInSeconds: Int = 60, maxInitWaitTimeInSeconds: Int = 5
    ) -> PollingMode {
        PollingMode(kind: .auto(interval: autoPollIntervalInSeconds, maxInitWait: maxInitWaitTimeInSeconds))
    }

    /// Downloads the config when an evaluation needs it and the one held has expired. The evaluation waits for it.
    ///
    /// - Parameter cacheRefreshIntervalInSeconds: Seconds until a config expires; at least 1, 60 by default.
    public static func lazyLoad(cacheRefreshIntervalInSeconds: Int = 60) -> PollingMode {
        PollingMode(kind: .lazy(timeToLive: cacheRefreshIntervalInSeconds))
    }

    /// Downloads the config only when ``ConfigCatClient/forceRefresh()`` is called.
    public static func manualPoll() -> PollingMode {
        PollingMode(kind: .manual)
    }
}
