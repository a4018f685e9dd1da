import ConfigCatServing
import Foundation
import Testing

@Suite("Access tokens")
struct AccessTokenTests {
    private let token = AccessToken("0123456789abcdef")

    @Test("a bearer token or the cookie of the session is accepted, and nothing else")
    func accepted() {
        #expect(token.accepts(authorization: "Bearer 0123456789abcdef", cookie: nil))
        #expect(token.accepts(authorization: "bearer 0123456789abcdef", cookie: nil))
        #expect(token.accepts(authorization: nil, cookie: token.cookie))
        for wrong in ["Bearer 0123456789abcde", "Bearer  0123456789abcdef", "Basic 0123456789abcdef", "Bearer", ""] {
            #expect(!token.accepts(authorization: wrong, cookie: nil), "\(wrong)")
        }
        #expect(!token.accepts(authorization: nil, cookie: nil))
        #expect(!token.accepts(authorization: nil, cookie: "0123456789abcdef"))
        #expect(!token.accepts(authorization: nil, cookie: ""))
    }

    @Test("the cookie does not contain the token, and ends with the server or the token")
    func cookie() {
        #expect(!token.cookie.contains("0123456789abcdef"))
        #expect(token.cookie != AccessToken("0123456789abcdef").cookie)
        let access = AccessControl(token: "0123456789abcdef")
        let old = access.token?.cookie
        access.replace(with: "another-token-16")
        #expect(access.token?.accepts(authorization: nil, cookie: old) == false)
        access.replace(with: nil)
        #expect(access.token == nil)
    }

    @Test("wrong tokens are counted by the minute, also if the clock is set back")
    func failures() {
        let noon = Date(timeIntervalSince1970: 1_700_000_000)
        #expect(!(0..<30).contains { _ in token.recordFailure(now: noon) })
        #expect(token.recordFailure(now: noon))
        #expect(!token.recordFailure(now: noon + 60))
        #expect(!token.recordFailure(now: noon - 3600))
    }
}
