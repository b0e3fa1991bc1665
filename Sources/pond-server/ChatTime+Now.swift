import Glibc
import PondChat

extension ChatTime {
    /// The moment now, by the machine's calendar clock.
    static var now: ChatTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return ChatTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
