internal import CPondSys
internal import Glibc
import PondCore
import PondRuntime

extension System {
    static func socket(_ family: Int32) throws(SystemError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        return try Self.check(Glibc.socket(family, type, 0))
    }

    static func bind(_ descriptor: Int32, to address: SocketAddress) throws(SystemError) {
        _ = try address.withSockaddr { (address, length) throws(SystemError) in
            try Self.check(Glibc.bind(descriptor, address, length))
        }
    }

    static func listen(_ descriptor: Int32, backlog: Int32) throws(SystemError) {
        _ = try Self.check(Glibc.listen(descriptor, backlog))
    }

    /// A waiting connection, non-blocking; `wouldBlock` when there is none.
    static func accept(_ descriptor: Int32) throws(SystemError) -> (descriptor: Int32, peer: SocketAddress) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let accepted = try withUnsafeMutablePointer(to: &storage) { (storage) throws(SystemError) in
            try storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { (address) throws(SystemError) in
                try Self.check(pond_accept(descriptor, address, &length))
            }
        }
        return (accepted, SocketAddress(storage, length: length))
    }

    /// Begins to connect; a TCP connection is usually not established when this returns (`inProgress`).
    static func connect(_ descriptor: Int32, to address: SocketAddress) throws(SystemError) {
        _ = try address.withSockaddr { (address, length) throws(SystemError) in
            // Not made again after EINTR: the attempt goes on in the kernel and a second call says EALREADY.
            if Glibc.connect(descriptor, address, length) < 0 {
                let code = errno
                throw SystemError(code: code == EINTR ? EINPROGRESS : code)
            }
        }
    }

    static func localAddress(of descriptor: Int32) throws(SystemError) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        _ = try withUnsafeMutablePointer(to: &storage) { (storage) throws(SystemError) in
            try storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { (address) throws(SystemError) in
                try Self.check(getsockname(descriptor, address, &length))
            }
        }
        return SocketAddress(storage, length: length)
    }

    /// The error that waits on a socket; reading it clears it.
    static func pendingError(of descriptor: Int32) -> SystemError? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return SystemError(code: errno) }
        return code == 0 ? nil : SystemError(code: code)
    }

    static func set(_ option: Int32, level: Int32 = SOL_SOCKET, to value: Int32, on descriptor: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Small writes go out at once: a turn's output is collected before it is written anyway.
    static func setNoDelay(_ descriptor: Int32) {
        Self.set(TCP_NODELAY, level: Int32(IPPROTO_TCP), to: 1, on: descriptor)
    }

    /// Breaks the connection when sent bytes stay unacknowledged for so long.
    static func setUserTimeout(_ time: Duration, on descriptor: Int32) {
        let milliseconds = Int32(clamping: max(1, time.wholeNanoseconds / 1_000_000))
        Self.set(TCP_USER_TIMEOUT, level: Int32(IPPROTO_TCP), to: milliseconds, on: descriptor)
    }

    /// Makes `close` cut the connection (RST) and drop what is still unsent.
    static func setCutOnClose(_ descriptor: Int32) {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }

    /// Says that nothing more will be sent.
    static func endOutput(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// The bytes read; 0 at the end of the stream.
    @inline(__always)
    static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        while true {
            let result = pond_receive(descriptor, buffer.baseAddress, buffer.count)
            if result >= 0 { return result }
            if result != Int(-EINTR) { throw SystemError(code: Int32(truncatingIfNeeded: -result)) }
        }
    }

    /// The bytes taken, which may be fewer than given. Never raises SIGPIPE.
    @inline(__always)
    static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        try Self.check(Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)))
    }

    /// As `send`, from several places at once.
    static func send(_ descriptor: Int32, _ pieces: UnsafeMutableBufferPointer<iovec>) throws(SystemError) -> Int {
        var message = msghdr()
        message.msg_iov = pieces.baseAddress
        message.msg_iovlen = pieces.count
        return try Self.check(sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL)))
    }
}

extension System {
    /// A descriptor that is good for nothing but to be given up when there are no others; -1 when there is none.
    static func openNothing() -> Int32 { open("/dev/null", O_RDONLY | O_CLOEXEC) }

    static func duplicate(_ descriptor: Int32) throws(SystemError) -> Int32 {
        try Self.check(fcntl(descriptor, F_DUPFD_CLOEXEC, 0))
    }

    static func removeFile(_ path: String) { _ = unlink(path) }
}
