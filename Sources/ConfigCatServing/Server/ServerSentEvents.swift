package import HTTPTypes
package import Hummingbird
package import NIOCore
import Synchronization

/// Writes streams of server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html
package final class ServerSentEvents: Sendable {
    private let limit: Int
    private let open = Mutex(0)

    /// Creates a counter of streams.
    ///
    /// - Parameter limit: The largest number of streams at a time.
    package init(limit: Int) { self.limit = limit }

    /// The number of open streams.
    package var count: Int { open.withLock { $0 } }

    /// Returns a response that lasts until the events or the connection end.
    ///
    /// - Parameters:
    ///   - events: Parts of the stream, each of them one or more whole events or comments.
    ///   - request: The request, whose body is not used otherwise.
    ///   - headers: Further headers.
    /// - Returns: The response.
    /// - Throws: ``HTTPFailure`` with status 503 if there are too many streams.
    package func response(
        of events: some AsyncSequence<ByteBuffer, Never> & Sendable, to request: Request, headers: HTTPFields = [:]
    ) throws(HTTPFailure) -> Response {
        let place = try Place(self)
        var headers = headers
        headers[.contentType] = "text/event-stream"
        headers[.cacheControl] = "no-store"
        // Tells nginx not to collect the events.
        headers[named("X-Accel-Buffering")] = "no"
        let body = ResponseBody { writer in
            // The place is free when the stream ends, or if it is never written.
            defer { withExtendedLifetime(place) {} }
            // The next heartbeat would notice only seconds later that the client is gone.
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                for await event in events { try await writer.write(event) }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Returns one event.
    ///
    /// - Parameters:
    ///   - name: The event's name; nil for an unnamed event.
    ///   - data: Its data, on one line.
    /// - Returns: The lines of the event.
    package static func event(_ name: String? = nil, data: String) -> ByteBuffer {
        var buffer = ByteBuffer()
        if let name { buffer.writeString("event: \(name)\n") }
        buffer.writeString("data: \(data)\n\n")
        return buffer
    }

    /// A comment, which clients ignore.
    package static let heartbeat = ByteBuffer(string: ":\n\n")

    /// One of the streams that are allowed.
    private final class Place: Sendable {
        private let owner: ServerSentEvents

        init(_ owner: ServerSentEvents) throws(HTTPFailure) {
            self.owner = owner
            let isFree = owner.open.withLock { open in
                guard open < owner.limit else { return false }
                open += 1
                return true
            }
            guard isFree else {
                throw HTTPFailure(.serviceUnavailable, "too many streams are open", headers: [.retryAfter: "30"])
            }
        }

        deinit { owner.open.withLock { $0 -= 1 } }
    }
}
