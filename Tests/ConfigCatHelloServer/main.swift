// A bare Hummingbird server, with which `make bench-serve` compares `configcatctl serve`. It prints its URL.
import ConfigCatCommandLine
import Hummingbird

let router = Router()
router.get("/hello") { _, _ in "Hello" }
router.post("/hello") { _, _ in "Hello" }
let app = Application(
    router: router,
    configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
    onServerRunning: { Console.write("serving on http://127.0.0.1:\($0.localAddress?.port ?? 0)") },
    logger: .silent)
try await app.runService()
