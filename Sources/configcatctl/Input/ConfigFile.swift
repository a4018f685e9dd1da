import ConfigCat

/// A config that a command works on.
enum ConfigFile {
    static func read(_ path: String) throws(Failure) -> Config {
        do {
            return try Config(contentsOfFile: path)
        } catch {
            throw Failure("\(error)")
        }
    }
}
