import ConfigCatEvaluation
package import HTTPTypes
package import Hummingbird
import NIOCore

/// An error that becomes a response with the body `{"error": "…"}`.
package struct HTTPFailure: HTTPResponseError {
    package let status: HTTPResponse.Status
    let message: String
    let headers: HTTPFields

    package init(_ status: HTTPResponse.Status, _ message: String, headers: HTTPFields = [:]) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response { response }

    var response: Response {
        .json("{\"error\":\(JSONEscapes.quoted(message))}", status: status, headers: headers)
    }
}

extension Response {
    /// Returns a response with a JSON document.
    package static func json(
        _ json: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: json)))
    }
}
