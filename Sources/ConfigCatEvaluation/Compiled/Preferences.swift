/// The preferences of a config JSON.
struct Preferences: Sendable {
    /// The URL of the CDN that clients should download this config from.
    var baseURL: String?
    var redirectMode: RedirectMode = .none
}

/// An instruction to clients about the CDN that a config's preferences name. Raw values are those of config JSON.
package enum RedirectMode: Int, Sendable {
    case none = 0
    case should = 1
    case force = 2
}
