import Glibc
import PondKit

/// Notices that no file descriptor is left, and says so once a minute; looked at once a second.
struct DescriptorProbe: Sendable {
    private var sampler = LogSampler(limit: 1)

    /// The line to log; `nil` while there are descriptors, or where it was said a moment ago.
    mutating func warning(isExhausted: Bool = Self.isExhausted, now: MonotonicTime) -> String? {
        guard isExhausted, self.sampler.admit(now: now) else { return nil }
        return "no file descriptors are left (\(MachineCheck.descriptorLimit) are allowed): new connections are "
            + "refused; raise LimitNOFILE, or lower the option connections"
    }

    /// Whether this process, or the machine, cannot open one more file.
    static var isExhausted: Bool {
        let copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)
        guard copy < 0 else {
            close(copy)
            return false
        }
        return errno == EMFILE || errno == ENFILE
    }
}
