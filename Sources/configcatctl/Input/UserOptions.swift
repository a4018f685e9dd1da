import ArgumentParser
import ConfigCat
import ConfigCatCommandLine

/// The options that describe the user to evaluate for.
struct UserOptions: ParsableArguments {
    @Option(help: "The user's Identifier.")
    var userId: String?

    @Option(help: "The user's Email.")
    var email: String?

    @Option(help: "The user's Country.")
    var country: String?

    @Option(
        name: .customLong("attribute"),
        help: ArgumentHelp("A custom attribute, as a string. May be repeated.", valueName: "name=value"))
    var attributes: [String] = []

    @Option(
        help: ArgumentHelp(
            "The whole user: {\"Identifier\", \"Email\"?, \"Country\"?, \"custom\"?}.", valueName: "json"))
    var user: String?

    mutating func validate() throws {
        _ = try makeUser()
    }

    /// Returns the user that the options describe; nil if none of them is given.
    ///
    /// - Throws: `ValidationError` if an option is malformed, or `--user` is combined with the other options.
    func makeUser() throws -> ConfigCatUser? {
        let custom = try attributes.map { argument in
            guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
                throw ValidationError("--attribute '\(argument)' is not of the form NAME=VALUE.")
            }
            let value = String(argument[argument.index(after: equals)...])
            return (name: String(argument[..<equals]), value: ConfigCatUser.AttributeValue.string(value))
        }
        guard let user else {
            guard userId != nil || email != nil || country != nil || !custom.isEmpty else { return nil }
            return ConfigCatUser(
                identifier: userId ?? "", email: email, country: country, custom: ConfigCatUser.Attributes(custom))
        }
        guard userId == nil, email == nil, country == nil, custom.isEmpty else {
            throw ValidationError(
                "--user cannot be combined with --user-id, --email, --country and --attribute.")
        }
        do {
            return try UserJSON.user(json: user)
        } catch {
            throw ValidationError("--user: \(error)")
        }
    }
}
