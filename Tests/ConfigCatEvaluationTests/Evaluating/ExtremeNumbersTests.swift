import Foundation
import Testing

@testable import ConfigCatEvaluation

/// A trap in one of these tests would end the test process.
@Suite("Extreme numbers")
struct ExtremeNumbersTests {
    private static let numbers: [Double] = [
        0, -0.0, .leastNonzeroMagnitude, 0.5, 1e15, 253_402_300_799.9995, 253_402_300_800, -62_167_219_200,
        -62_167_219_200.001, 9_223_372_036_854_774, 9_223_372_036_854_776, 9.2233720368547758e18, 1e300,
        .greatestFiniteMagnitude,
    ]

    @Test("a time that is the smallest Int in milliseconds is written as its seconds")
    func smallestTime() {
        #expect(ISO8601.string(-9_223_372_036_854_776) == "-9223372036854776")
        #expect(ISO8601.string(9_223_372_036_854_775) == "9223372036854776")
        let user = ConfigCatUser(
            identifier: "1", custom: ["D": .date(Date(timeIntervalSince1970: -9_223_372_036_854_776))])
        #expect(user.description == #"{"Identifier":"1","D":"-9223372036854776"}"#)
    }

    @Test("conditions with extreme numbers and dates are evaluated, explained and reported in warnings")
    func comparisonValues() throws {
        let attributes: [ConfigCatUser.AttributeValue] =
            Self.numbers.flatMap { [.double($0), .double(-$0), .date(Date(timeIntervalSince1970: -$0))] }
            + [.int(.min), .int(.max), .double(.nan), .double(-.infinity), "-9223372036854776", "x"]
        // All rules are evaluated, because the second condition of each is false.
        let rules = [10, 11, 12, 13, 14, 15, 18, 19, 0].flatMap { comparator in
            Self.numbers.flatMap { [$0, -$0] }.map { number in
                #"{"c":[{"u":{"a":"x","c":\#(comparator),"d":\#(DecimalFormat.text(number)),"l":["x"]}},{"u":{"a":"Identifier","c":28,"s":""}}],"s":{"v":{"b":true}}}"#
            }
        }
        let config = try Config(json: #"{"f":{"a":{"t":0,"v":{"b":true},"r":[\#(rules.joined(separator: ","))]}}}"#)
        _ = ConfigValidator.findings(in: config)
        for attribute in attributes {
            let user = ConfigCatUser(identifier: "1", custom: ["x": attribute])
            let (result, log) = config.explain("a", for: user, defaultValue: "", warn: { _ in })
            #expect(throws: Never.self) { try result.get() }
            #expect(log?.contains("User.x BEFORE '-9223372036854776' (-9223372036854776 UTC)") == true)
        }
    }

    @Test("shares, lengths, indices and versions that are out of range do not cause a trap")
    func others() throws {
        let hash = HostileDocument.hash
        let number = ["4294967295", "4294967296", "-1", "99999999999999999999", "1e400", "-9223372036854775808"]
        for number in number {
            let config = try Config(
                json: #"""
                    {"p":{"s":"s","r":\#(number)},"s":[{"n":"S","r":[]}],"f":{
                      "a":{"t":0,"v":{"b":true},"p":[{"p":\#(number),"v":{"b":true}},{"p":1e308,"v":{"b":true}},{"p":1e308,"v":{"b":true}}]},
                      "b":{"t":0,"v":{"b":true},"r":[{"c":[{"u":{"a":"x","c":24,"l":["\#(number)_\#(hash)"]}}],"s":{"v":{"b":true}}}]},
                      "c":{"t":0,"v":{"b":true},"r":[{"c":[{"s":{"s":\#(number),"c":0}}],"s":{"v":{"b":true}}}]},
                      "d":{"t":0,"v":{"b":true},"r":[{"c":[{"u":{"a":"x","c":\#(number),"l":[]}}],"s":{"v":{"b":true}}}]},
                      "e":{"t":\#(number),"v":{"i":\#(number)}},
                      "g":{"t":0,"v":{"b":true},"r":[{"c":[{"u":{"a":"x","c":6,"s":"\#(number).0.0"}}],"s":{"v":{"b":true}}}]}
                    }}
                    """#)
            let user = ConfigCatUser(identifier: "1", custom: ["x": .string(number + ".0.0")])
            for key in config.keys { _ = config.explain(key, for: user, defaultValue: "", warn: { _ in }) }
            _ = ConfigValidator.findings(in: config)
            _ = ConfigWriter.version6(config)
        }
    }
}
