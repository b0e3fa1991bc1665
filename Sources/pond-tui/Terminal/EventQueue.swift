internal import CPondSys
internal import Glibc
internal import PondKit

/// Events from other threads to the main one, which sleeps on its descriptor. Bounded: a thread that posts faster than
/// the main thread takes waits, so that a server that floods is slowed down by its own socket and fills no memory.
final class EventQueue: Sendable {
    /// Readable while there are events.
    let descriptor: Int32
    private let state = Lock(State())
    /// How much may wait, counted as `weight` does.
    private let capacity: Int

    private struct State {
        var events: [Event] = []
        var weight = 0
        var isStopped = false
    }

    /// The weight that may wait by default; a plain event weighs 1.
    static let defaultCapacity = 4_096
    /// How long a posting thread sleeps until it looks again whether there is room.
    private static let pause: UInt32 = 1_000

    init(capacity: Int = EventQueue.defaultCapacity) {
        self.capacity = capacity
        self.descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    }

    deinit { close(self.descriptor) }

    /// Hands an event over. Callable from any thread; the one that takes must not wait.
    func post(_ event: Event, waitsForRoom: Bool = false) {
        let weight = Self.weight(of: event)
        while true {
            let wasEmpty: Bool? = self.state.withLock { state in
                if state.isStopped { return false }
                guard !waitsForRoom || state.events.isEmpty || state.weight + weight <= self.capacity else {
                    return nil
                }
                state.events.append(event)
                state.weight += weight
                return state.events.count == 1
            }
            if let wasEmpty {
                if wasEmpty { eventfd_write(self.descriptor, 1) }
                return
            }
            usleep(Self.pause)
        }
    }

    /// Takes nothing in any more: nobody waits, and what is posted is dropped.
    func stop() { self.state.withLock { $0.isStopped = true } }

    /// What an event counts: lists by their entries, long texts by their kilobytes.
    private static func weight(of event: Event) -> Int {
        guard case .session(let event) = event else { return 1 }
        switch event {
        case .people(_, let people): return 1 + people.count
        case .history(_, let messages, _), .found(_, _, let messages):
            return messages.reduce(1) { $0 + 1 + $1.text.utf8.count / 1_024 }
        case .message(_, let message): return 1 + message.text.utf8.count / 1_024
        case .edited(_, _, let text, _): return 1 + text.utf8.count / 1_024
        case .directory(let rooms, let gone, _): return 1 + rooms.count + gone.count
        default: return 1
        }
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
        return self.state.withLock { state in
            let taken = state.events
            state.events = []
            state.weight = 0
            return taken
        }
    }
}
