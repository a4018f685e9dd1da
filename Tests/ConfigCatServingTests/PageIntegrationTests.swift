import ConfigCatTestSupport
import Foundation
import Testing

/// The page in a real browser, driven by Selenium. The tests are in `Python/page_test.py`, which prints their names.
@Suite struct PageIntegrationTests {
    private static let whySkipped: Comment =
        "needs chromium and its driver, and PyPI's selenium, which `make deps` installs"

    @Test("the page works in a browser", .enabled(whySkipped) { await canRunBrowser() })
    func works() async throws {
        let script = Tools.project.appending(path: "Tests/ConfigCatServingTests/Python/page_test.py").path
        try await Tools.run(["python3", "-B", script, Tools.built("configcatctl").path])
    }

    private static func canRunBrowser() async -> Bool {
        guard Tools.has("chromium") || Tools.has("google-chrome"), Tools.has("chromedriver") else { return false }
        let packages = Tools.project.appending(path: ".build/python-tools").path
        return (try? await Tools.run(["python3", "-c", "import selenium"], environment: ["PYTHONPATH": packages]))
            != nil
    }
}
