internal import CPondSys
internal import Glibc
internal import PondKit

/// Events from other threads to the main one, which sleeps on its descriptor.
final class EventQueue: Sendable {
    /// Readable while there are events.
    let descriptor: Int32
    private let events = Lock<[Event]>([])

    init() { self.descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC)) }

    deinit { close(self.descriptor) }

    /// Hands an event over. Callable from any thread.
    func post(_ event: Event) {
        let wasEmpty = self.events.withLock { events in
            events.append(event)
            return events.count == 1
        }
        if wasEmpty { eventfd_write(self.descriptor, 1) }
    }

    /// Waits until an event is there, so long at most.
    func wait(milliseconds: Int32) {
        var poller = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&poller, 1, milliseconds)
    }

    /// Takes all events that have come.
    func take() -> [Event] {
        var count: eventfd_t = 0
        eventfd_read(self.descriptor, &count)
        return self.events.withLock { events in
            let taken = events
            events = []
            return taken
        }
    }
}
