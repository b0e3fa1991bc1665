import PondChat
import PondKit

/// Where the chat reads the time: the calendar for what people see, a clock that never goes back for limits.
struct ChatClock: Sendable {
    var calendar: @Sendable () -> ChatTime
    var steady: @Sendable () -> MonotonicTime

    /// The machine's clocks.
    static let system = ChatClock(calendar: { .now }, steady: { SystemClock().now() })
}
