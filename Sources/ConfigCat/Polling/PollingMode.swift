/// The mode that decides when a client downloads its config.
///
///     options.pollingMode = .autoPoll(interval: .seconds(30))
public struct PollingMode: Sendable {
    package enum Kind: Sendable {
        case auto(interval: Duration, maxInitWait: Duration)
        case lazy(timeToLive: Duration)
        case manual
    }

    let kind: Kind

    /// Downloads the config in the background: at once, and then at intervals.
    ///
    /// - Parameters:
    ///   - interval: The time between downloads: from 1 second to 2,147,483 seconds, 60 seconds by default.
    ///   - maxInitWait: How long evaluations wait for the first config: from 0 to 2,147,483 seconds, 5 seconds by
    ///     default.
    /// - Returns: The mode. A client that is created with a time out of its range throws ``ConfigCatError``.
    public static func autoPoll(
        interval: Duration = .seconds(60), maxInitWait: Duration = .seconds(5)
    ) -> PollingMode {
        PollingMode(kind: .auto(interval: interval, maxInitWait: maxInitWait))
    }

    /// Downloads the config when an evaluation needs it and the config that the client holds has expired. The
    /// evaluation waits for the download.
    ///
    /// - Parameter refreshInterval: The time until a config expires: from 1 second to 2,147,483 seconds, 60 seconds by
    ///   default.
    /// - Returns: The mode. A client that is created with a time out of its range throws ``ConfigCatError``.
    public static func lazyLoad(refreshInterval: Duration = .seconds(60)) -> PollingMode {
        PollingMode(kind: .lazy(timeToLive: refreshInterval))
    }

    /// Downloads the config only when ``ConfigCatClient/forceRefresh()`` is called.
    public static let manualPoll = PollingMode(kind: .manual)
}

extension PollingMode {
    /// The letter that stands for the mode in the user agent.
    var letter: String {
        switch kind {
        case .auto: "a"
        case .lazy: "l"
        case .manual: "m"
        }
    }

    /// The error message for an invalid time of the mode; nil if its times are valid.
    var validationError: String? {
        switch kind {
        case .auto(let interval, let maxInitWait):
            Self.error("auto polling's interval", interval, from: .seconds(1))
                ?? Self.error("auto polling's maximum initial wait", maxInitWait, from: .zero)
        case .lazy(let timeToLive): Self.error("lazy loading's refresh interval", timeToLive, from: .seconds(1))
        case .manual: nil
        }
    }

    /// The longest time that the timers of every SDK can wait.
    private static let longest: Duration = .seconds(2_147_483)

    private static func error(_ name: String, _ time: Duration, from shortest: Duration) -> String? {
        guard time < shortest || time > longest else { return nil }
        return "\(name) is \(time); "
            + "it has to be from \(shortest.components.seconds) to \(longest.components.seconds) seconds"
    }
}

/// The polling modes under the names of ConfigCat's Apple SDK. ``PollingMode`` has the same modes with durations.
///
///     options.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: 30)
public enum PollingModes {
    /// Downloads the config in the background: at once, and then at intervals.
    ///
    /// - Parameters:
    ///   - autoPollIntervalInSeconds: Seconds between downloads: from 1 to 2,147,483, 60 by default.
    ///   - maxInitWaitTimeInSeconds: How many seconds evaluations wait for the first config: from 0 to 2,147,483, 5 by
    ///     default.
    /// - Returns: The mode. A client that is created with a time out of its range throws ``ConfigCatError``.
    public static func autoPoll(
        autoPollIntervalInSeconds: Int = 60, maxInitWaitTimeInSeconds: Int = 5
    ) -> PollingMode {
        .autoPoll(interval: .seconds(autoPollIntervalInSeconds), maxInitWait: .seconds(maxInitWaitTimeInSeconds))
    }

    /// Downloads the config when an evaluation needs it and the config that the client holds has expired. The
    /// evaluation waits for the download.
    ///
    /// - Parameter cacheRefreshIntervalInSeconds: Seconds until a config expires: from 1 to 2,147,483, 60 by default.
    /// - Returns: The mode. A client that is created with a time out of its range throws ``ConfigCatError``.
    public static func lazyLoad(cacheRefreshIntervalInSeconds: Int = 60) -> PollingMode {
        .lazyLoad(refreshInterval: .seconds(cacheRefreshIntervalInSeconds))
    }

    /// Downloads the config only when ``ConfigCatClient/forceRefresh()`` is called.
    ///
    /// - Returns: The mode.
    public static func manualPoll() -> PollingMode { .manualPoll }
}
