/// A cache that can offer another entry instead of one whose content is not a config.
package protocol RejectingConfigCache: ConfigCache {
    /// Notes that the value read last for a key is not a config.
    func reject(for key: String)
}
