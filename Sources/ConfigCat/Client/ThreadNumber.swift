import ConfigCatPlatform
import Synchronization

/// Numbers threads in the order in which they first request their number.
enum ThreadNumber {
    private static let next = Atomic<Int>(1)
    private static let key: pthread_key_t? = {
        var key = pthread_key_t()
        return pthread_key_create(&key, nil) == 0 ? key : nil
    }()

    static var current: Int {
        guard let key else { return 0 }
        let number = Int(bitPattern: pthread_getspecific(key))
        return number != 0 ? number : assign(key)
    }

    private static func assign(_ key: pthread_key_t) -> Int {
        let number = next.add(1, ordering: .relaxed).newValue
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: number))
        return number
    }
}
