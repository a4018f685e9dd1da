import Logging

/// Defaults of logging.
enum ConfigCatLogging {
    /// The logger `configcat`, which writes warnings and errors.
    static var defaultLogger: Logger {
        var logger = Logger(label: "configcat")
        logger.logLevel = .warning
        return logger
    }
}
