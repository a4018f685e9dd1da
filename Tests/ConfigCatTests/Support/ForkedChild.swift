import Synchronization

#if os(Linux) && canImport(Glibc)
    import Glibc

    /// Runs something in a child, and returns its exit status; 100 plus the signal that ended it, if one did.
    ///
    /// A child that hangs is tried twice more: other tests run on other threads of this process, and one of them may have
    /// held a lock of Swift's runtime at the fork, which is taken when a type is first used.
    func inChild(within seconds: UInt32 = 60, _ body: () -> Int32) -> Int32 {
        var status = Int32(0)
        for _ in 0..<3 {
            status = exitStatus(within: seconds, body)
            if status != 100 + SIGALRM { break }
        }
        return status
    }

    private func exitStatus(within seconds: UInt32, _ body: () -> Int32) -> Int32 {
        let child = fork()
        if child == 0 {
            // Threads of Dispatch block signals, and SIGALRM would not end a child that hangs.
            var none = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, nil)
            alarm(seconds)
            _exit(body())
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) != child {}
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 100 + signal
    }

    /// Runs something on several threads and on this one at once.
    func onThreads(_ count: Int = 3, _ body: @escaping @Sendable () -> Void) {
        final class Work: Sendable {
            let body: @Sendable () -> Void
            let waiting: Atomic<Int>
            init(_ count: Int, _ body: @escaping @Sendable () -> Void) {
                self.body = body
                waiting = Atomic(count)
            }
            func run() {
                waiting.subtract(1, ordering: .relaxed)
                while waiting.load(ordering: .relaxed) > 0 { sched_yield() }
                body()
            }
        }
        let work = Work(count + 1, body)
        var threads = [pthread_t](repeating: pthread_t(), count: count)
        for index in threads.indices {
            pthread_create(
                &threads[index], nil,
                { argument in
                    if let argument { Unmanaged<Work>.fromOpaque(argument).takeUnretainedValue().run() }
                    return nil
                }, Unmanaged.passUnretained(work).toOpaque())
        }
        work.run()
        for thread in threads { pthread_join(thread, nil) }
        withExtendedLifetime(work) {}
    }
#endif
