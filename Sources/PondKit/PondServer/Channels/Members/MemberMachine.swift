/// Whether a connection is in a channel, and whether its next piece of work may start; without a channel or a loop.
struct MemberMachine: Sendable {
    private enum State {
        /// Not in the channel. Can become `joined`, `ended`.
        case outside
        /// In the channel. Can become `outside`, `leaving`.
        case joined
        /// The connection has ended, the member is still in the channel. Can become `ended`.
        case leaving
        /// The connection has ended. Final.
        case ended
    }

    private enum Turn {
        /// No work has started. Can become `running`.
        case idle
        /// Work runs in the current call. Can become `finished`, `suspended`.
        case running
        /// The work finished in the current call, which starts the next. Can become `running`, `idle`.
        case finished
        /// The work continues after the call has returned. Can become `finished`.
        case suspended
    }

    private var state = State.outside
    private var turn = Turn.idle

    var isJoined: Bool { self.state == .joined || self.state == .leaving }

    /// Whether the connection has ended, so that nothing can be sent to it.
    var hasEnded: Bool { self.state == .leaving || self.state == .ended }

    // The channel

    /// The join was accepted; false if the connection has ended or is in the channel already.
    mutating func entered() -> Bool {
        guard self.state == .outside else { return false }
        self.state = .joined
        return true
    }

    /// The channel removed the member.
    mutating func exited() {
        switch self.state {
        case .joined: self.state = .outside
        case .leaving: self.state = .ended
        case .outside, .ended: break
        }
    }

    /// What to do after the end of the connection.
    enum EndAction: Equatable {
        case nothing
        /// Drop the waiting work and leave the channel.
        case leave
        /// Finish the running handler and the waiting work, then leave the channel.
        case leaveAfterHandler
    }

    /// The connection ended. What was sent before is handled first.
    mutating func connectionEnded() -> EndAction {
        switch self.state {
        case .joined:
            self.state = .leaving
            return self.isHandling ? .leaveAfterHandler : .leave
        case .outside:
            self.state = .ended
            return .leave
        case .leaving, .ended: return .nothing
        }
    }

    /// Another node has the session.
    mutating func transferred() {
        switch self.state {
        case .joined: self.state = .leaving
        case .outside: self.state = .ended
        case .leaving, .ended: break
        }
    }

    // Work

    private var isHandling: Bool { self.turn == .running || self.turn == .suspended }

    /// Starts work that has just arrived; false if it has to wait.
    mutating func start() -> Bool {
        guard self.turn == .idle else { return false }
        self.turn = .running
        return true
    }

    /// Whether the next waiting work can start; then call `startNext`.
    var canStartNext: Bool { self.turn == .finished }

    mutating func startNext() { if self.turn == .finished { self.turn = .running } }

    /// The work finished; true if the caller has to start what waits, because no call is on the stack that does.
    mutating func workFinished() -> Bool {
        switch self.turn {
        case .running:
            self.turn = .finished
            return false
        case .suspended:
            self.turn = .finished
            return true
        case .idle, .finished: return false
        }
    }

    /// The call that starts work returns.
    mutating func callReturned() {
        switch self.turn {
        case .running: self.turn = .suspended
        case .finished: self.turn = .idle
        case .idle, .suspended: break
        }
    }
}

/// From which message on a member receives what its channel sends, and on which of its connection's sockets.
struct MemberReception: Sendable {
    /// Whether the member's join was answered.
    private(set) var isOn = false
    /// The socket that receives; `nil` while missed messages are sent in pieces.
    private(set) var socket: Int?
    /// Queued messages with lower tickets were sent before the member joined.
    private var firstTicket: UInt64 = 0

    /// Whether the member receives a message with this ticket.
    func includes(_ ticket: UInt64) -> Bool { self.isOn && self.firstTicket <= ticket }

    /// Whether a socket does not receive from the channel yet.
    func isNew(to socket: Int) -> Bool { !self.isOn || self.socket != socket }

    /// Excludes messages with tickets before this one.
    mutating func begin(at ticket: UInt64) { self.firstTicket = ticket }

    mutating func start(on socket: Int) {
        self.isOn = true
        self.socket = socket
    }

    /// Missed messages are sent in pieces first.
    mutating func replay() { self.socket = nil }

    mutating func stop() {
        self.isOn = false
        self.socket = nil
    }
}
