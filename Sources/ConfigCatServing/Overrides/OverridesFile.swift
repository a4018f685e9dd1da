import ConfigCatPlatform

/// The database of overrides that is used if none is given: the user's own, for all configs.
package enum OverridesFile {
    /// Returns the path, in `$XDG_STATE_HOME` or `~/.local/state`, and creates its folder, readable only by this user.
    ///
    /// - Throws: ``DeclarationError`` if there is no such place, or it cannot be written.
    package static func makeDefaultPath() throws(DeclarationError) -> String {
        guard let folder = folder(state: variable("XDG_STATE_HOME"), home: variable("HOME")) else {
            throw DeclarationError("the overrides have no place, because HOME is not set; give --overrides or --ephemeral")
        }
        // Each folder of the path that does not exist, the outermost first.
        var path = ""
        for part in folder.split(separator: "/") {
            path += "/" + part
            if mkdir(path, 0o700) != 0, errno != EEXIST {
                let reason = String(cString: strerror(errno))
                // Some system folders refuse even the attempt, although they exist.
                guard access(path, F_OK) == 0 else {
                    throw DeclarationError("cannot create \(path): \(reason); give --overrides or --ephemeral")
                }
            }
        }
        return folder + "/overrides.db"
    }

    /// Returns the folder; nil if there is none. A variable that is not an absolute path has no meaning.
    static func folder(state: String?, home: String?) -> String? {
        if let state, state.hasPrefix("/") { return state + "/configcat" }
        if let home, home.hasPrefix("/") { return home + "/.local/state/configcat" }
        return nil
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
