import Foundation

/// Measures the time from the start of a process to its first value, with the config served on loopback.
enum StartBenchmark {
    static func run(_ documents: Documents) throws {
        let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "FirstValue")
        for (name, body) in [("144 kB", documents.w6), ("3.3 MB", documents.w7)] {
            let server = try LoopbackServer(body: body)
            var times: [Double] = []
            var memory: [Double] = []
            for _ in 0..<15 {
                let process = Process()
                let output = Pipe()
                process.executableURL = program
                process.arguments = [server.url]
                process.standardOutput = output
                let start = ContinuousClock.now
                try process.run()
                let data = output.fileHandleForReading.availableData
                let elapsed = ContinuousClock.now - start
                process.waitUntilExit()
                times.append(Double(elapsed.components.attoseconds) / 1e15 + Double(elapsed.components.seconds) * 1000)
                let parts = String(decoding: data, as: UTF8.self).split(separator: " ")
                memory.append((Double(parts.last?.filter(\.isNumber) ?? "") ?? 0) / 1024)
            }
            print(
                String(
                    format:
                        "process start to first value, config of %@: %.1f ms, peak memory %.1f MB (goals 60 and 30)",
                    name,
                    times.sorted()[times.count / 2], memory.sorted()[memory.count / 2]))
            server.stop()
        }
    }
}

/// Sends the same document on each connection.
final class LoopbackServer: Sendable {
    let url: String
    private let descriptor: Int32

    init(body: [UInt8]) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length)
                listen(descriptor, 16)
                getsockname(descriptor, pointer, &length)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        self.descriptor = descriptor
        url = "http://127.0.0.1:\(port)"
        let head = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        let response = Array(head.utf8) + body
        Thread.detachNewThread {
            while true {
                let connection = accept(descriptor, nil, nil)
                if connection < 0 { return }
                var request = [UInt8](repeating: 0, count: 4096)
                _ = read(connection, &request, request.count)
                var sent = 0
                while sent < response.count {
                    let count = response[sent...].withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
                    if count <= 0 { break }
                    sent += count
                }
                close(connection)
            }
        }
    }

    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }
}
