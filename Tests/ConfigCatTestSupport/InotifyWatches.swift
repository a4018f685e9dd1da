import Foundation

/// Returns the number of inotify watches that this process has on a folder; 0 on systems without inotify.
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
