import ConfigCatCommandLine
import ConfigCat
import ConfigCatEvaluation

/// Reads the config files that commands are given.
enum ConfigFile {
    /// Returns the config in a file.
    ///
    /// - Throws: `CommandError` if the file cannot be read, or is not a config.
    static func read(_ path: String) throws(CommandError) -> Config {
        let config: Config
        do {
            config = try Config(contentsOfFile: path)
        } catch {
            throw CommandError("\(error)")
        }
        guard config.namesSettings else {
            throw CommandError(
                "\(path): not a config: line 1: the object has neither \"f\" (config JSON) nor \"flags\"")
        }
        return config
    }

    /// Returns a file's config as config JSON v6, converted if necessary.
    ///
    /// - Throws: `CommandError` if the file cannot be read, or is not a config.
    static func version6(_ path: String) throws(CommandError) -> String {
        let config = try read(path)
        return config.format == .v6 ? config.document : ConfigWriter.version6(config).json
    }
}
