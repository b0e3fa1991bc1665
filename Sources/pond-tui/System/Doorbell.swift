internal import CPondSys
internal import Glibc

/// Wakes the thread that waits on its descriptor. Any thread may ring.
final class Doorbell: Sendable {
    /// Readable from the first `ring` until `reset`.
    let descriptor: Int32

    init() { self.descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC)) }

    deinit { close(self.descriptor) }

    func ring() { eventfd_write(self.descriptor, 1) }

    /// Makes the descriptor unreadable again.
    func reset() {
        var count: eventfd_t = 0
        eventfd_read(self.descriptor, &count)
    }

    /// Waits for a ring, for at most `milliseconds`.
    func wait(milliseconds: Int32) {
        var poller = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&poller, 1, milliseconds)
    }
}
