import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Opens the store of overrides that the options ask for.
enum OverrideStores {
    /// Opens a store.
    ///
    /// Without a path in the options, it is a database in the user's folder for states. If that cannot be used, as in a
    /// container without a home, overrides are kept in memory, which is reported.
    ///
    /// - Throws: `SQLiteCacheError` if the database that the options name cannot be used.
    static func open(_ options: FlagServerOptions, logger: Logger) throws -> any OverrideStore {
        if options.isRelay || options.isEphemeral { return MemoryOverrideStore() }
        if let path = options.overridesPath { return try database(path, logger) }
        guard let folder = stateFolder else {
            logger.warning("Overrides are kept in memory only, because the environment has no HOME.")
            return MemoryOverrideStore()
        }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            return try database(folder + "/overrides.db", logger)
        } catch {
            logger.warning(
                "Overrides are kept in memory only, because \(folder) cannot be used.", metadata: ["error": "\(error)"])
            return MemoryOverrideStore()
        }
    }

    private static func database(_ path: String, _ logger: Logger) throws -> SQLiteOverrideStore {
        try SQLiteOverrideStore(path: path) { logger.warning("\($0)") }
    }

    /// The folder for states, by https://specifications.freedesktop.org/basedir-spec/latest/.
    /// Nil if the environment names none: the working directory is no place for a hidden database.
    private static var stateFolder: String? {
        let environment = ProcessInfo.processInfo.environment
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/configcat" }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return home + "/.local/state/configcat"
    }
}
