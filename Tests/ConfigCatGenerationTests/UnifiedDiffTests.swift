import ConfigCatGeneration
import ConfigCatTestSupport
import Foundation
import Testing

@Suite("Unified diff")
struct UnifiedDiffTests {
    @Test("the format is that of diff -u")
    func format() {
        let old = (1...20).map { "\($0)\n" }.joined()
        let new = old.replacing("\n5\n", with: "\nfive\n").replacing("\n18\n", with: "\n")
        let expected = """
            --- a
            +++ b
            @@ -2,7 +2,7 @@
             2
             3
             4
            -5
            +five
             6
             7
             8
            @@ -15,6 +15,5 @@
             15
             16
             17
            -18
             19
             20
            """
        #expect(UnifiedDiff.text(("a", old), ("b", new)) == expected)
        #expect(UnifiedDiff.text(("a", old), ("b", old)).isEmpty)
        #expect(UnifiedDiff.text(("a", ""), ("b", "x\n")) == "--- a\n+++ b\n@@ -0,0 +1,1 @@\n+x")
        #expect(UnifiedDiff.text(("a", "x\r\n"), ("b", "x\n")).contains("-x\r"))
    }

    @Test("patch turns the old text into the new one", .enabled(if: Tools.has("patch")), arguments: 0..<8)
    func patch(seed: Int) async throws {
        var state = UInt64(seed &* 7919 &+ 1)
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let count = seed == 7 ? 5000 : 60
        let old = (0..<count).map { _ in "line \(random(9))" }
        let new = old.flatMap { line in
            switch random(8) {
            case 0: [] as [String]
            case 1: [line, "added \(random(3))"]
            default: [line]
            }
        }
        func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
        let difference = UnifiedDiff.text(("f", text(old)), ("f", text(new)))
        try await withFolder { folder in
            try Data(text(old).utf8).write(to: folder.appending(path: "f"))
            try Data((difference + "\n").utf8).write(to: folder.appending(path: "p"))
            try await Tools.run("patch", "--silent", "f", "p", in: folder)
            #expect(try String(contentsOf: folder.appending(path: "f"), encoding: .utf8) == text(new))
        }
    }
}
