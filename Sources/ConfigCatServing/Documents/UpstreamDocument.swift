package import ConfigCatEvaluation

/// A config as it is served without overrides: config JSON v6 that refers clients to no other CDN.
///
/// An upstream document can name a URL in `p.u`, and demand by `p.r` that clients go there. A client of this server has
/// to stay with it, so `p.u` is removed and `p.r` is 0. The salt, the segments and everything unknown stay.
package struct UpstreamDocument: Sendable {
    /// The document.
    package let json: JSONValue
    /// The settings of the document.
    package let config: Config
    /// What had to be left out because config JSON v6 cannot express it. Only documents of other layouts lose something.
    package let losses: [ConfigWriter.Loss]

    /// Creates the document of a config, which is converted to v6 if it has another layout.
    ///
    /// - Throws: `ConfigDecodingError` if the document is too large.
    package init(_ config: Config) throws(ConfigDecodingError) {
        var text = config.document
        var losses: [ConfigWriter.Loss] = []
        if config.format != .v6 || text.isEmpty { (text, losses) = ConfigWriter.version6(config) }
        var json: JSONValue
        do {
            json = try JSONValue(Array(text.utf8))
        } catch {
            throw ConfigDecodingError(code: .notJSON, message: "not JSON: \(error)")
        }
        // A document that names nothing of it keeps its members.
        if var root = json.object, var preferences = root["p"]?.object,
            preferences["u"] != nil || preferences["r"] != nil
        {
            preferences["u"] = nil
            preferences["r"] = 0
            root["p"] = .object(preferences)
            json = .object(root)
        }
        self.json = json
        self.config = config.format == .v6 ? config : try Config(json: json.json)
        self.losses = losses
    }
}
