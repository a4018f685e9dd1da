/// A cache that can offer another entry in place of one whose content is of no use.
package protocol RejectingConfigCache: ConfigCache {
    /// Notes that the value that was read last for a key is not a config.
    func reject(for key: String)
}
