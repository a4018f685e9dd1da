/// A place in Swift code that names a setting.
package struct FlagMention: Sendable, Equatable {
    /// How the code names the setting.
    package enum Form: String, Sendable {
        /// By its key, in a call: `getValue(for: "key", …)`, `FeatureFlag("key", defaultValue: …)`.
        case key
        /// By the name of its declaration: `.newCheckout`.
        case name
    }

    package var form: Form
    /// The key or the name.
    package var text: String
    /// The key of the setting that a removed declaration names; nil if no declaration is known.
    package var removedKey: String?
    package var file: String
    /// The line, from 1.
    package var line: Int
    /// The column in bytes, from 1.
    package var column: Int
}
