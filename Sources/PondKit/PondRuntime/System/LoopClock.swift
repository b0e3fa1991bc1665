public import PondCore

/// Where an event loop reads the time.
public protocol LoopClock: Sendable {
    /// The time now.
    func now() -> MonotonicTime
    /// Whether time passes by itself; a clock that is moved by hand calls the wakers it was given instead.
    var passesByItself: Bool { get }
    /// Asks for a call whenever the clock was moved by hand.
    func whenMoved(_ wake: @escaping @Sendable () -> Void)
}
