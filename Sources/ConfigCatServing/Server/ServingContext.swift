package import Hummingbird
import NIOCore

/// What a request carries from the middleware to its handler.
package struct ServingContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The longest body that is read, in bytes.
    package var maxUploadSize: Int { 1 << 20 }

    /// The address of the client, without its port.
    var clientAddress: String { channel.remoteAddress?.ipAddress ?? "unknown" }
}
