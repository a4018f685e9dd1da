import Testing

@testable import ConfigCatEvaluation

@Suite("Semantic versions")
struct SemanticVersionTests {
    /// Returns the sign of the comparison; nil if one of the strings is not a version.
    private func compare(_ left: String, _ right: String) -> Int? {
        left.withBytes { leftText in
            right.withBytes { rightText in
                guard let left = SemanticVersion(leftText), let right = SemanticVersion(rightText) else { return nil }
                return left.compare(in: leftText, with: right, in: rightText).signum()
            }
        }
    }

    @Test("precedence is that of semver.org, section 11")
    func precedence() {
        let ascending = [
            "0.0.0", "0.0.1", "0.1.0", "1.0.0-0", "1.0.0-1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.9.0", "1.10.0", "2.0.0",
            "99999999999999999999.0.0",
            "100000000000000000000.0.0",
        ]
        for (index, left) in ascending.enumerated() {
            for (other, right) in ascending.enumerated() {
                #expect(compare(left, right) == (index - other).signum(), "\(left) and \(right)")
            }
        }
    }

    @Test("build metadata is ignored in comparisons")
    func buildMetadata() {
        #expect(compare("1.2.3+build.5", "1.2.3+007") == 0)
        #expect(compare("1.2.3-a+b", "1.2.3-a") == 0)
    }

    @Test(
        "these strings are not versions",
        arguments: [
            "", "1", "1.0", "1.0.0.0", "01.0.0", "1.00.0", "1.0.0-", "1.0.0-01", "1.0.0-a..b", "1.0.0+", "v1.0.0",
            "1.0.0 ", "1.0.0-é",
            "-1.0.0", "1.0.0+a+b", "a.b.c",
        ])
    func invalid(_ text: String) {
        #expect(text.withBytes { SemanticVersion($0) == nil })
    }
}
