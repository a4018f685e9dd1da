import Foundation
import TestSupport
import Testing

/// Signals at moments at which a command does not expect them.
@Suite("Attack on the command line")
struct AttackCommandLine {
    @Test("SIGTERM ends a batch that waits for its next line")
    func batch() async throws {
        let cdn = try await ServedConfig(#"{"f":{"enabled":{"t":0,"v":{"b":true}}}}"#)
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = Tools.built("configcatctl")
        process.arguments = [
            "evaluate", "--batch", "--sdk-key", "configcat-sdk-1/SHORT_LIVED_PROCE-0000/0000567890123456789012",
            "--base-url", cdn.url,
        ]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        try input.fileHandleForWriting.write(contentsOf: Data((#"{"key":"enabled","default":false}"# + "\n").utf8))
        let answer = try await blocking { String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) }
        #expect(answer.contains("true"))
        process.terminate()
        await eventually("it ends", within: 15) { !process.isRunning }
        try? input.fileHandleForWriting.close()
    }
}
