/// Names a timer of one event loop; a number is never given twice.
public struct TimerID: Sendable, Hashable {
    package let number: UInt64
}
