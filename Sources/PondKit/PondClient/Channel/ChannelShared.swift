import PondCore
import PondRuntime

/// What of a channel is seen from any thread: its status, presence and outbox, and who listens.
final class ChannelShared: Sendable {
    private struct State {
        var status: ChannelStatus
        var presence: [PresenceList.Entry] = []
        var outbox: [OutgoingMessage] = []
        var isJoining = false
        var isLeaving = false
        /// Calls of the program that `outbox` does not show yet, in their order.
        var edits: [(id: UInt64, edit: OutboxEdit)] = []
        var nextEdit: UInt64 = 0

        /// What the program reads: what the loop last showed, and the calls that the loop has not carried out.
        var shownStatus: ChannelStatus {
            var status = self.status
            let isOver = status.state == .closed || status.state == .declined
            if self.isLeaving, !isOver {
                status.state = .closed
                status.reason = .left
                status.queued = 0
                status.sending = 0
                status.failed = 0
            } else if self.isJoining, status.state == .idle {
                status.state = .joining
                status.reason = .joinDeferred
            }
            if !self.edits.isEmpty, !self.isLeaving {
                let outbox = self.shownOutbox
                status.queued = outbox.count { $0.state == .queued }
                status.sending = outbox.count { $0.state == .sending }
                status.failed = outbox.count - status.queued - status.sending
            }
            return status
        }

        var shownOutbox: [OutgoingMessage] {
            if self.isLeaving { return [] }
            return self.edits.reduce(into: self.outbox) { outbox, next in next.edit.apply(to: &outbox) }
        }
    }

    /// One call of the program that changes the outbox.
    enum OutboxEdit {
        case add(OutgoingMessage)
        /// Drops one message, or all.
        case drop(id: String?)

        func apply(to outbox: inout [OutgoingMessage]) {
            switch self {
            case .add(let message): if !outbox.contains(where: { $0.id == message.id }) { outbox.append(message) }
            case .drop(let id?): outbox.removeAll { $0.id == id }
            case .drop(nil): outbox = []
            }
        }
    }

    let stateChanges = Listeners<ChannelStatus>()
    let messages = Listeners<ServerMessage>()
    let presenceChanges = Listeners<PresenceList.Change>()
    let presenceLists = Listeners<[PresenceList.Entry]>()
    let outboxChanges = Listeners<OutgoingMessage>()
    let recoveries = Listeners<RecoveryEvent>()
    private let state: Lock<State>

    init(status: ChannelStatus) { self.state = Lock(State(status: status)) }

    /// What the program reads.
    var status: ChannelStatus { self.state.withLock { $0.shownStatus } }

    /// The loop shows a status.
    func publish(_ status: ChannelStatus) { self.state.withLock { $0.status = status } }

    var presence: [PresenceList.Entry] {
        get { self.state.withLock { $0.presence } }
        set { self.state.withLock { $0.presence = newValue } }
    }

    /// What the program reads.
    var outbox: [OutgoingMessage] { self.state.withLock { $0.shownOutbox } }

    /// The program calls for a change of the outbox. Returns the id of the call.
    func asked(_ edit: OutboxEdit) -> UInt64 {
        self.state.withLock { state in
            state.nextEdit += 1
            state.edits.append((state.nextEdit, edit))
            return state.nextEdit
        }
    }

    /// The loop shows the outbox, with these calls carried out.
    func publish(outbox: [OutgoingMessage], edits: Set<UInt64>) {
        self.state.withLock { state in
            state.outbox = outbox
            state.edits.removeAll { edits.contains($0.id) }
        }
    }

    /// Whether the channel takes no more messages, counting a `leave()` that the loop has not seen yet.
    var isOver: Bool {
        self.state.withLock { $0.isLeaving || $0.status.state == .closed || $0.status.state == .declined }
    }

    func joining() { self.state.withLock { $0.isJoining = true } }

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
