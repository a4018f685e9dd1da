import ConfigCatPlatform

/// The metadata that distinguishes one state of a file from another without reading it.
struct FileStamp: Equatable, Sendable {
    private let parts: [Int]

    init(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            parts = []
            return
        }
        #if os(Linux)
            let (modified, changed) = (status.st_mtim, status.st_ctim)
        #else
            let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
        #endif
        parts = [
            modified.tv_sec, modified.tv_nsec, changed.tv_sec, changed.tv_nsec, Int(status.st_size),
            Int(truncatingIfNeeded: status.st_ino), Int(truncatingIfNeeded: status.st_dev),
        ]
    }
}
