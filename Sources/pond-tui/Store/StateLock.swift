internal import Glibc

/// Says that a state belongs to this process, as long as it lives: the kernel takes the word back however it ends.
final class StateLock {
    private let descriptor: Int32

    /// `nil` when somebody else has the state open. Where no lock can be made at all, nothing can be written either.
    init?(state path: String) {
        guard PrivateFile.makeFolder(of: path) else {
            self.descriptor = -1
            return
        }
        self.descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard self.descriptor >= 0, flock(self.descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
        close(self.descriptor)
        return nil
    }

    deinit { if self.descriptor >= 0 { close(self.descriptor) } }
}
