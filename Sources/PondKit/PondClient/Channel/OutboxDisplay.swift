import PondRuntime

/// Shows the outbox to the program at the end of a turn, once for everything that changed in it. Confined to a loop.
final class OutboxDisplay {
    private let shared: ChannelShared
    private let loop: EventLoop
    private var isScheduled = false
    /// Calls of the program that the outbox has taken in and does not show yet.
    private var edits: Set<UInt64> = []

    init(_ shared: ChannelShared, on loop: EventLoop) {
        self.shared = shared
        self.loop = loop
    }

    /// A call of the program that changes the outbox is carried out in this turn.
    func carriedOut(_ edit: UInt64) { self.edits.insert(edit) }

    /// The outbox changed: publishes `messages` at the end of the turn, then calls `then`.
    func changed(_ messages: @escaping () -> [OutgoingMessage], then: @escaping () -> Void) {
        guard !self.isScheduled else { return }
        self.isScheduled = true
        self.loop.atEndOfTurn {
            self.isScheduled = false
            self.shared.publish(outbox: messages(), edits: self.edits)
            self.edits = []
            then()
        }
    }
}
