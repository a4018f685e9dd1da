/// The layout of a document with settings.
public enum ConfigFormat: Sendable {
    /// Config JSON v6, as ConfigCat's CDN serves it.
    case v6
    /// Config JSON v5, its predecessor.
    case v5
    /// Plain values: `{"flags": {key: value}}`.
    case flags
}
