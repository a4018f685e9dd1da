import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A file of the page, which is in the binary.
struct PageFile: Sendable {
    private let body: ByteBuffer
    private let headers: HTTPFields

    private init(_ content: [UInt8], _ type: String) {
        body = ByteBuffer(bytes: content)
        let digest = SHA256.hash(data: content).prefix(12)
        headers = [
            .contentType: "\(type); charset=utf-8",
            .eTag: "\"\(Data(digest).base64EncodedString())\"",
            // Another version of the server has other files under the same names.
            .cacheControl: "no-cache",
            // With `no-referrer`, browsers send the login form with the origin `null`.
            named("Referrer-Policy"): "same-origin",
        ]
    }

    /// Returns the file, or status 304 if the browser has it.
    func response(to request: Request) -> Response {
        if let eTag = headers[.eTag], EntityTags.match(eTag, request) {
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    static let index = PageFile(PackageResources.index_html, "text/html")
    static let login = PageFile(PackageResources.login_html, "text/html")

    /// The files that the page loads, by name.
    static let parts: [(name: String, file: PageFile)] = [
        ("page.css", PageFile(PackageResources.page_css, "text/css")),
        script("api.js", PackageResources.api_js),
        script("clients.js", PackageResources.clients_js),
        script("details.js", PackageResources.details_js),
        script("dom.js", PackageResources.dom_js),
        script("overrides.js", PackageResources.overrides_js),
        script("page.js", PackageResources.page_js),
        script("rows.js", PackageResources.rows_js),
        script("segments.js", PackageResources.segments_js),
        script("settings.js", PackageResources.settings_js),
        script("transfer.js", PackageResources.transfer_js),
        script("user.js", PackageResources.user_js),
        script("values.js", PackageResources.values_js),
    ]

    private static func script(_ name: String, _ content: [UInt8]) -> (name: String, file: PageFile) {
        (name, PageFile(content, "text/javascript"))
    }
}
