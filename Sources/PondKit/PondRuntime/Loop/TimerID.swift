/// Names a timer of one event loop; a number is never given twice.
public struct TimerID: Sendable, Hashable {
    package let number: UInt64

    /// No timer, for types that store very many ids: an optional is larger.
    package static let none = TimerID(number: 0)
}
