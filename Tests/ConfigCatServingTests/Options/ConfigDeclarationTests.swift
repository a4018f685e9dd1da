import ConfigCatServing
import Testing

@Suite("Declarations of configs")
struct ConfigDeclarationTests {
    @Test("a file's ID is its name without extension, unless it is given")
    func files() throws {
        for (text, id, path) in [
            ("flags.json", "flags", "flags.json"), ("/etc/my flags.v2.json", "my-flags.v2", "/etc/my flags.v2.json"),
            ("shop=a/b.json", "shop", "a/b.json"), ("./a=b.json", "a-b", "./a=b.json"), ("día.json", "d-a", "día.json"),
        ] {
            let declaration = try ConfigDeclaration(file: text)
            #expect(declaration.id == id && declaration.origin == .file(path: path), "\(text)")
        }
    }

    @Test("an SDK key's ID is default, unless it is given")
    func sdkKeys() throws {
        let bare = try ConfigDeclaration(sdkKey: "configcat-sdk-1/a/b")
        #expect(bare.id == "default" && bare.origin == .client(sdkKey: "configcat-sdk-1/a/b"))
        let named = try ConfigDeclaration(sdkKey: "web=configcat-sdk-1/a/b")
        #expect(named.id == "web" && named.origin == .client(sdkKey: "configcat-sdk-1/a/b"))
    }

    @Test(
        "an ID that is no part of a path is refused",
        arguments: ["=a", "a b=f", "..=f", ".=f", "ä=f", "\(String(repeating: "a", count: 65))=f", "a="])
    func invalid(text: String) {
        #expect(throws: DeclarationError.self) { try ConfigDeclaration(file: text) }
        #expect(throws: DeclarationError.self) { try ConfigDeclaration(sdkKey: text) }
    }
}
