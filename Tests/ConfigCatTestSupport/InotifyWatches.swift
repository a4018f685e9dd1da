import Foundation

/// Returns how many inotify watches of this process are on a folder. Where there is no inotify, none.
package func inotifyWatches(on folder: String) -> Int {
    var status = stat()
    guard stat(folder, &status) == 0 else { return 0 }
    let inode = " ino:" + String(status.st_ino, radix: 16) + " "
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fdinfo")) ?? []
    return names.reduce(0) { count, name in
        let text = (try? String(contentsOfFile: "/proc/self/fdinfo/\(name)", encoding: .utf8)) ?? ""
        return count + text.split(separator: "\n").count { $0.hasPrefix("inotify") && $0.contains(inode) }
    }
}
