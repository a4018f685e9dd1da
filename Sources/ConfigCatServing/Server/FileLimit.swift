import ConfigCatPlatform

/// The limit of open files of the process.
enum FileLimit {
    /// Raises the limit as far as the system allows.
    ///
    /// - Returns: The limit, at most a million.
    static func raise() -> Int {
        var limit = rlimit()
        #if canImport(Glibc)
            let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let files = RLIMIT_NOFILE
        #endif
        guard getrlimit(files, &limit) == 0 else { return 1024 }
        limit.rlim_cur = min(limit.rlim_max, 1_000_000)
        _ = setrlimit(files, &limit)
        guard getrlimit(files, &limit) == 0 else { return 1024 }
        return Int(clamping: min(limit.rlim_cur, 1_000_000))
    }
}
