import ConfigCatCommandLine
import ConfigCat
import ConfigCatEvaluation

/// A config that a command works on.
enum ConfigFile {
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

    /// A file's config as config JSON v6: as it is, or converted.
    static func version6(_ path: String) throws(CommandError) -> String {
        let config = try read(path)
        return config.format == .v6 ? config.document : ConfigWriter.version6(config).json
    }
}
