import Foundation
import Synchronization

/// Returns a loopback port that nothing listens on, below the range from which the system chooses ports for clients.
package func freePort() -> Int {
    while true {
        let port = Int.random(in: 20_000...30_000)
        let isNew = given.withLock { $0.insert(port).inserted }
        if isNew, isFree(port) { return port }
    }
}

/// The ports returned so far, which are not returned again: a server may be restarted on its port.
private let given = Mutex(Set<Int>())

private func isFree(_ port: Int) -> Bool {
    #if os(Linux)
        let type = Int32(SOCK_STREAM.rawValue)
    #else
        let type = SOCK_STREAM
    #endif
    let file = socket(AF_INET, type, 0)
    guard file >= 0 else { return false }
    defer { close(file) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
