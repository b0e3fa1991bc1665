internal import CPondSys
internal import Glibc

/// The system calls: a result or a `SystemError`, and a call that a signal interrupted is made again.
package enum System {
    @inline(__always)
    package static func check(_ call: @autoclosure () -> Int32) throws(SystemError) -> Int32 {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw SystemError(code: code) }
        }
    }

    @inline(__always)
    package static func check(_ call: @autoclosure () -> Int) throws(SystemError) -> Int {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw SystemError(code: code) }
        }
    }

    /// Fills memory with random bits; false if the system has none.
    package static func fillRandom(_ words: UnsafeMutableBufferPointer<UInt64>) -> Bool {
        let bytes = UnsafeMutableRawBufferPointer(words)
        var filled = 0
        while filled < bytes.count {
            let count = getrandom(bytes.baseAddress.map { $0 + filled }, bytes.count - filled, 0)
            if count < 0, errno != EINTR { return false }
            filled += max(0, count)
        }
        return true
    }

    /// The processor cores that are online, at least one.
    package static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Linux frees the descriptor even when it says EINTR, so there is nothing to repeat.
    package static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// Runs `body` on a new thread that no signal is delivered to; false when there can be no more threads.
    package static func startThread(named name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                pond_prepare_thread(start.name)
                start.body()
                return nil
            },
            start.toOpaque()
        )
        guard code == 0 else {
            start.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private final class ThreadStart: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
