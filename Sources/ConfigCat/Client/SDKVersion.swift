/// The version of this package, as told to the CDN.
enum SDKVersion {
    static let current = "0.1.0"
}
