internal import Glibc

/// What goes to the terminal, without ever waiting for it: what it does not take yet is kept until it does.
final class TerminalOutput {
    /// The terminal, opened anew: not to wait is a setting of an open file, and the shell shares standard output's.
    let descriptor: Int32
    private var waiting: [UInt8] = []
    private var sent = 0
    /// What is not part of a frame is dropped when so much waits already.
    private static let capacity = 1 << 20

    init() {
        let flags = O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC
        let own = open("/proc/self/fd/1", flags)
        // Where that is forbidden, a slow terminal is waited for.
        self.descriptor = own >= 0 ? own : fcntl(1, F_DUPFD_CLOEXEC, 3)
    }

    deinit { close(self.descriptor) }

    /// Whether the terminal has not taken everything yet.
    var isBehind: Bool { self.sent < self.waiting.count }

    /// Sends bytes behind all that waits.
    func write(_ bytes: some Collection<UInt8>) {
        guard self.waiting.count - self.sent < Self.capacity else { return }
        self.waiting.append(contentsOf: bytes)
        self.flush()
    }

    /// Sends as much as the terminal takes now.
    func flush() {
        while self.sent < self.waiting.count {
            let count = self.waiting[self.sent...].withUnsafeBytes {
                Glibc.write(self.descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 {
                self.sent += count
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                // Nobody is there any more; reading will say so.
                self.sent = self.waiting.count
            }
        }
        self.waiting.removeAll(keepingCapacity: self.waiting.count <= 65_536)
        self.sent = 0
    }

    /// Waits until the terminal has taken everything, so long at most; what it has not taken then is dropped.
    func drain(milliseconds: Int32) {
        var left = milliseconds
        while self.isBehind, left > 0 {
            var poller = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
            let step: Int32 = 50
            if poll(&poller, 1, step) <= 0 { left -= step }
            self.flush()
        }
        self.waiting = []
        self.sent = 0
    }
}
