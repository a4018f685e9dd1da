import ConfigCat

/// A config that a command works on.
enum ConfigFile {
    static func read(_ path: String) throws(Failure) -> Config {
        let config: Config
        do {
            config = try Config(contentsOfFile: path)
        } catch {
            throw Failure("\(error)")
        }
        guard config.namesSettings else {
            throw Failure("\(path): not a config: line 1: the object has neither \"f\" (config JSON) nor \"flags\"")
        }
        return config
    }
}
