/// What of a channel is seen from any thread: its status, presence and outbox, and who listens.
final class ChannelShared: Sendable {
    private struct State {
        var status: ChannelStatus
        var presence: [PresenceList.Entry] = []
        var outbox: [OutgoingMessage] = []
        var isLeaving = false
    }

    let stateChanges = Listeners<ChannelStatus>()
    let messages = Listeners<ServerMessage>()
    let presenceChanges = Listeners<PresenceList.Change>()
    let presenceLists = Listeners<[PresenceList.Entry]>()
    let outboxChanges = Listeners<OutgoingMessage>()
    let recoveries = Listeners<RecoveryEvent>()
    private let state: Lock<State>

    init(status: ChannelStatus) { self.state = Lock(State(status: status)) }

    var status: ChannelStatus {
        get { self.state.withLock { $0.status } }
        set { self.state.withLock { $0.status = newValue } }
    }

    var presence: [PresenceList.Entry] {
        get { self.state.withLock { $0.presence } }
        set { self.state.withLock { $0.presence = newValue } }
    }

    var outbox: [OutgoingMessage] {
        get { self.state.withLock { $0.outbox } }
        set { self.state.withLock { $0.outbox = newValue } }
    }

    /// Whether the channel takes no more messages, counting a `leave()` that the loop has not seen yet.
    var isOver: Bool {
        self.state.withLock { $0.isLeaving || $0.status.state == .closed || $0.status.state == .declined }
    }

    func leaving() { self.state.withLock { $0.isLeaving = true } }

    func finish() {
        self.stateChanges.finish()
        self.messages.finish()
        self.presenceChanges.finish()
        self.presenceLists.finish()
        self.outboxChanges.finish()
        self.recoveries.finish()
    }
}
