import ConfigCatCache
import NIOCore

/// The address of one server.
enum RedisAddress: Sendable, Hashable, CustomStringConvertible {
    case host(RedisCacheURL.Host)
    case socket(path: String)

    /// The name that the server's certificate has to have; nil for an IP address, which is checked as an address.
    var tlsName: String? {
        guard case .host(let host) = self else { return nil }
        return (try? SocketAddress(ipAddress: host.name, port: 0)) == nil ? host.name : nil
    }

    var description: String {
        switch self {
        case .host(let host): host.description
        case .socket(let path): path
        }
    }
}
