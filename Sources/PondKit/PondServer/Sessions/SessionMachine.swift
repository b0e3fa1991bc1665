/// Whether a connection has a socket, waits for one, or has ended; without a socket, a clock or a loop.
///
/// The connection reports what happens and carries out the action that it gets.
struct SessionMachine: Sendable {
    private enum State: Equatable {
        /// Has a socket. Can become `closing`, `detached`, `transferred`, `ended`.
        case attached
        /// This server is closing the socket. Can become `transferred`, `ended`.
        case closing
        /// Lost its socket; the client can resume. Can become `attached`, `transferred`, `ended`.
        case detached
        /// Another node has resumed the session. Can become `ended`.
        case transferred
        /// Final.
        case ended(afterTransfer: Bool)
    }

    private var state = State.attached
    private var number: UInt32 = 0

    /// The number of the current socket, starting with 0: a join of an earlier socket does not count for a later one.
    var socket: Int { Int(self.number) }

    var hasSocket: Bool { self.state == .attached || self.state == .closing }
    var isDetached: Bool { self.state == .detached }

    /// Whether another node has the session, also after the end of the connection here.
    var isTransferred: Bool { self.state == .transferred || self.state == .ended(afterTransfer: true) }

    var hasEnded: Bool {
        if case .ended = self.state { true } else { false }
    }

    /// What to do to close the connection.
    enum CloseAction: Equatable {
        case nothing
        /// Close the socket; the connection ends with it.
        case closeSocket
        /// End the connection: there is no socket to close.
        case end
    }

    /// The server closes the connection.
    mutating func closed() -> CloseAction {
        switch self.state {
        case .attached, .closing:
            self.state = .closing
            return .closeSocket
        case .detached, .transferred:
            self.end()
            return .end
        case .ended: return .nothing
        }
    }

    /// What to do after the socket has ended.
    enum SocketAction: Equatable {
        case nothing
        /// Keep the session for its grace time.
        case detach
        case end
    }

    /// The socket ended; `canResume` if the session outlives it.
    mutating func socketEnded(canResume: Bool) -> SocketAction {
        switch self.state {
        case .attached where canResume:
            self.state = .detached
            return .detach
        case .attached, .closing:
            self.end()
            return .end
        case .detached, .transferred, .ended: return .nothing
        }
    }

    /// Whether a new socket can resume the session, or replace the present socket.
    var canResume: Bool { self.state == .attached || self.state == .detached }

    /// A new socket resumes the session; false if it is too late.
    mutating func resumed() -> Bool {
        guard self.canResume else { return false }
        self.state = .attached
        self.number &+= 1
        return true
    }

    /// Another node resumed the session; false if the connection has ended or another node has the session already.
    mutating func transferred() -> Bool {
        switch self.state {
        case .attached, .closing, .detached:
            self.state = .transferred
            return true
        case .transferred, .ended: return false
        }
    }

    /// The grace time is over, or there are too many detached sessions; false if the connection has a socket.
    mutating func graceEnded() -> Bool {
        switch self.state {
        case .detached, .transferred:
            self.end()
            return true
        case .attached, .closing, .ended: return false
        }
    }

    private mutating func end() { self.state = .ended(afterTransfer: self.isTransferred) }
}
