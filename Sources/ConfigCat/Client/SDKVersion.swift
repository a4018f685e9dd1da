/// The version of this package, as sent to the CDN.
enum SDKVersion {
    static let current = "0.1.0"
}
