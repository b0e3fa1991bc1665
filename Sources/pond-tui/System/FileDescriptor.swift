internal import Glibc

/// Reading and writing whole, whatever interrupts.
enum FileDescriptor {
    /// Writes all bytes; waits where the other side is slow.
    static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var at = 0
        while at < bytes.count {
            let written = bytes[at...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                at += written
            } else if errno == EAGAIN {
                var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                if poll(&poller, 1, 10_000) <= 0 { return false }
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// What can be read.
    enum Read {
        case bytes([UInt8])
        /// Nothing now.
        case nothing
        case ended
    }

    /// Reads what is there, at most 64 KiB.
    static func read(_ descriptor: Int32) -> Read {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { return .bytes(Array(buffer[..<count])) }
            if count == 0 { return .ended }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .nothing : .ended
        }
    }
}
