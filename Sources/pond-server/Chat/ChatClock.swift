import Glibc
import PondChat
import PondKit

/// Where the chat reads the time: the calendar for what people see, a clock that never goes back for limits.
struct ChatClock: Sendable {
    var calendar: @Sendable () -> ChatTime
    var steady: @Sendable () -> MonotonicTime

    /// The machine's clocks.
    static let system = ChatClock(calendar: { .now }, steady: { SystemClock().now() })
}

extension ChatTime {
    /// The moment now, by the machine's calendar clock.
    static var now: ChatTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return ChatTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
