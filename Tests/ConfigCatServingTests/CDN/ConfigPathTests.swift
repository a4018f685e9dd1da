import ConfigCatServing
import Testing

@Suite("Paths of configs")
struct ConfigPathTests {
    @Test(
        "a path has an SDK key of one, two or three parts, and a layout",
        arguments: [
            ("configcat-sdk-1/aaaa/bbbb", ConfigPath.Layout.version6), ("aaaa/bbbb", .version5),
            ("configcat-proxy/web", .version6),
        ])
    func valid(key: String, layout: ConfigPath.Layout) throws {
        let file = layout == .version6 ? "config_v6.json" : "config_v5.json"
        let path = try #require(ConfigPath("/configuration-files/\(key)/\(file)"))
        #expect(path.sdkKey == key && path.layout == layout)
    }

    @Test(
        "anything else is not a config",
        arguments: [
            "/", "", "/configuration-files", "/configuration-files/", "/configuration-files/config_v6.json",
            "/configuration-files//config_v6.json", "/configuration-files/a/config_v7.json", "/configuration-files/a/",
            "/configuration-files/a/config_v6.json/", "/other/a/config_v6.json",
        ])
    func invalid(path: String) {
        #expect(ConfigPath(path) == nil)
    }
}
