/// What other threads hand to a loop; its fields are guarded by the loop's lock.
struct LoopInbox {
    enum Item {
        case work(@Sendable () -> Void)
        case job(UnownedJob)
    }

    /// How far the loop's life has come.
    enum Phase {
        /// No thread yet; can become `running` or `ended`.
        case new
        /// A thread runs turns; can become `stopping`.
        case running
        /// The thread runs what there is; can become `ended`.
        case stopping
        /// No work is accepted. Final.
        case ended
    }

    var items: ContiguousArray<Item> = []
    var phase = Phase.new
    /// The thread waits, or is about to, and must be woken.
    var asleep = false
    /// The clock was moved by hand: look at the timers again.
    var clockMoved = false
    var whenStopped: [@Sendable () -> Void] = []
    /// Callers that wait until no work is accepted.
    var whenEnded: [@Sendable () -> Void] = []

    /// Whether there is a reason not to wait.
    var hasNews: Bool { !self.items.isEmpty || self.clockMoved || self.phase == .stopping }

    /// Forgets that the thread waits; true when it must be woken.
    mutating func takeWake() -> Bool {
        defer { self.asleep = false }
        return self.asleep
    }
}
