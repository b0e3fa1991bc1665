internal import Glibc
internal import PondKit

/// Hands events from other threads to the main thread.
///
/// Bounded: a thread that posts faster than the main thread takes has to wait, so that a server that floods the client
/// is slowed down by its own socket instead of filling the memory.
final class EventQueue: Sendable {
    private let doorbell = Doorbell()
    private let state = Lock(State())
    /// The total weight of the waiting events; see `weight(of:)`.
    private let capacity: Int

    private struct State {
        var events: [Event] = []
        var weight = 0
        var isStopped = false
    }

    /// The default capacity; a plain event has weight 1.
    static let defaultCapacity = 4_096
    /// How long, in microseconds, a posting thread sleeps before it checks again for room.
    private static let pause: UInt32 = 1_000

    init(capacity: Int = EventQueue.defaultCapacity) { self.capacity = capacity }

    /// Readable while events wait.
    var descriptor: Int32 { self.doorbell.descriptor }

    /// Adds an event. Callable from any thread, but `waitsForRoom` never from the thread that takes.
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
                if wasEmpty { self.doorbell.ring() }
                return
            }
            usleep(Self.pause)
        }
    }

    /// Releases every posting thread; later events are dropped.
    func stop() { self.state.withLock { $0.isStopped = true } }

    /// Takes all waiting events, oldest first.
    func take() -> [Event] {
        self.doorbell.reset()
        return self.state.withLock { state in
            let taken = state.events
            state.events = []
            state.weight = 0
            return taken
        }
    }

    /// Waits for an event, for at most `milliseconds`.
    func wait(milliseconds: Int32) { self.doorbell.wait(milliseconds: milliseconds) }

    /// Lists count by their entries, long texts by their kilobytes.
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
}
