import ConfigCatPlatform
import NIOCore
import NIOPosix
import NIOSSL

extension RedisCacheError {
    /// Creates an error with a short message from SwiftNIO's error of a failed connection.
    init(connecting error: any Error, to server: String) {
        switch error {
        case let error as RedisCacheError:
            self = error
        case let error as NIOConnectionError:
            if let cause = error.connectionErrors.first?.error {
                self.init(connecting: cause, to: server)
            } else {
                self.init(.connection, "cannot connect to \(server): the name is unknown")
            }
        case ChannelError.connectTimeout:
            self.init(.timeout, "cannot connect to \(server): it does not answer")
        case is SocketAddressError:
            self.init(.connection, "cannot connect to \(server): the name is unknown")
        case let error as IOError:
            self.init(.connection, "cannot connect to \(server): \(String(cString: strerror(error.errnoCode)))")
        case NIOSSLError.uncleanShutdown:
            self.init(.connection, "the connection to \(server) was closed")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            self.init(.tls, "TLS with \(server) failed: \(error)")
        default:
            self.init(.connection, "cannot connect to \(server): \(error)")
        }
    }
}
