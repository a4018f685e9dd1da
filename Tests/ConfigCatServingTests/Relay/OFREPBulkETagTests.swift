import ConfigCatEvaluation
import ConfigCatOpenFeature
import Testing

@testable import ConfigCatServing

@Suite("ETags of OFREP's answer for all settings")
struct OFREPBulkETagTests {
    private static func eTag(_ context: String, config: String = "\"1\"") throws -> String {
        let user = try OpenFeatureContext(ofrepRequest: "{\"context\":\(context)}").user()
        return OFREPBulkETag(eTag: config, user: user).text
    }

    @Test("the ETag depends only on the config and on what the context means")
    func meaning() throws {
        let eTag = try Self.eTag(#"{"targetingKey":"a","x":1,"y":[ "p" ]}"#)
        #expect(try Self.eTag(#"{"y":["p"],"x":1,"targetingKey":"\u0061","z":null}"#) == eTag)
        for other in [
            #"{"targetingKey":"b","x":1,"y":["p"]}"#, #"{"targetingKey":"a","x":2,"y":["p"]}"#,
            #"{"targetingKey":"a","x":1}"#, #"{}"#,
        ] {
            #expect(try Self.eTag(other) != eTag)
        }
        #expect(try Self.eTag(#"{"targetingKey":"a","x":1,"y":["p"]}"#, config: "\"2\"") != eTag)
    }

    @Test("the ETag is the same in every process and release")
    func fixed() throws {
        #expect(try Self.eTag(#"{"targetingKey":"a"}"#) == "\"d1fcf84871e1b92a0411dd13014d49d9\"")
    }

    @Test("where the config's ETag ends cannot be confused")
    func separation() {
        #expect(
            OFREPBulkETag(eTag: "a {\"Identifier\":\"b\"}", user: nil)
                != OFREPBulkETag(eTag: "a", user: ConfigCatUser(identifier: "b")))
    }

    @Test("If-None-Match is a list of ETags, weak or strong")
    func ifNoneMatch() {
        let eTag = OFREPBulkETag(eTag: "a", user: nil)
        for header in [eTag.text, "W/\(eTag.text)", "\"x\" ,\t\(eTag.text) , \"y\"", "*"] {
            #expect(eTag.matches(ifNoneMatch: header))
        }
        for header in [nil, "", ",,", "\"x\"", "W/", String(eTag.text.dropLast()), "x\(eTag.text)"] {
            #expect(!eTag.matches(ifNoneMatch: header))
        }
    }
}
