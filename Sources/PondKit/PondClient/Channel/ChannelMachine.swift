public import PondCore

/// What a client's channel does next, for every event, without a socket or a clock.
public struct ChannelMachine: Sendable {
    private enum State {
        /// Made, not asked for. Can become `joining`, `closed`.
        case idle
        /// Asked for and never joined yet; no attempt while the connection is down.
        /// Can become `joined`, `declined`, `closed`.
        case joining(Attempt?)
        /// Messages flow. Can become `stalled`, `closed`.
        case joined
        /// Was joined when the connection went; an attempt once it is back. Can become `joined`, `declined`, `closed`.
        case stalled(Attempt?)
        /// Over, by our wish or the server's. Terminal.
        case closed
        /// Refused. Terminal.
        case declined
    }

    private struct Attempt {
        let requestId: String
        let sentAt: MonotonicTime
        var deadline: MonotonicTime
    }

    private let joinTime: Duration
    private var state = State.idle
    /// Why the channel stands where it stands.
    public private(set) var reason = ChannelReason.created
    /// Since when.
    public private(set) var since: MonotonicTime

    /// A channel that gives the server `joinTime` to answer a join.
    public init(joinTime: Duration = .seconds(10), now: MonotonicTime) {
        self.joinTime = joinTime
        self.since = now
    }

    /// Where the channel stands, as a program sees it.
    public var visibleState: ChannelState {
        switch self.state {
        case .idle: .idle
        case .joining: .joining
        case .joined: .joined
        case .stalled: .stalled
        case .closed: .closed
        case .declined: .declined
        }
    }

    /// Whether nothing can happen any more.
    public var isOver: Bool {
        switch self.state {
        case .closed, .declined: true
        case .idle, .joining, .joined, .stalled: false
        }
    }

    /// The request that the server has not answered.
    public var joinRequest: String? { self.attempt?.requestId }

    /// When `timePassed` is to be called next.
    public var nextDeadline: MonotonicTime? { self.attempt?.deadline }

    /// What a wish to join asks for.
    public enum JoinAction: Sendable, Hashable {
        case nothing
        /// Send a JOIN with this id.
        case send(requestId: String)
        /// Wait for the connection.
        case wait
        /// This channel is over; make a new one.
        case refuse(PondError)
    }

    /// The program wants to join; `connected` when there is a connection to ask on.
    public mutating func join(requestId: String, connected: Bool, now: MonotonicTime) -> JoinAction {
        switch self.state {
        case .idle: break
        case .joining, .joined, .stalled: return .nothing
        case .closed: return .refuse(.over("The channel is closed"))
        case .declined: return .refuse(.over("The channel was declined"))
        }
        guard connected else {
            self.enter(.joining(nil), .joinDeferred, now: now)
            return .wait
        }
        self.enter(.joining(self.newAttempt(requestId, now: now)), .joinSent, now: now)
        return .send(requestId: requestId)
    }

    /// What a new connection asks for.
    public enum ConnectedAction: Sendable, Hashable {
        case nothing
        /// Send a JOIN with this id.
        case send(requestId: String)
    }

    /// There is a connection again.
    public mutating func connected(requestId: String, now: MonotonicTime) -> ConnectedAction {
        switch self.state {
        case .joining: self.enter(.joining(self.newAttempt(requestId, now: now)), .joinSent, now: now)
        case .stalled, .joined:
            self.enter(.stalled(self.newAttempt(requestId, now: now)), .rejoinSent, now: now)
        case .idle, .closed, .declined: return .nothing
        }
        return .send(requestId: requestId)
    }

    /// The connection is gone. Returns whether anything changed.
    public mutating func disconnected(now: MonotonicTime) -> Bool {
        switch self.state {
        case .joining(.some): self.enter(.joining(nil), .joinDeferred, now: now)
        case .joined, .stalled(.some): self.enter(.stalled(nil), .connectionLost, now: now)
        case .idle, .joining(nil), .stalled(nil), .closed, .declined: return false
        }
        return true
    }

    /// What the server's answer to a JOIN asks for.
    public enum AcknowledgedAction: Sendable, Hashable {
        case nothing
        /// We are in, for the first time.
        case joined
        /// We are in again.
        case rejoined
    }

    /// The server let us in.
    public mutating func acknowledged(requestId: String, now: MonotonicTime) -> AcknowledgedAction {
        guard self.joinRequest == requestId else { return .nothing }
        let first = if case .joining = self.state { true } else { false }
        self.enter(.joined, .acknowledged, now: now)
        return first ? .joined : .rejoined
    }

    /// The server refused; `requestId` is `nil` where the refusal names only the channel.
    ///
    /// Returns whether the channel is declined now: a refusal that answers no join of ours changes nothing.
    public mutating func declined(_ error: PondError, requestId: String?, now: MonotonicTime) -> Bool {
        guard let asked = self.joinRequest, requestId == nil || requestId == asked else { return false }
        self.enter(.declined, .declined(error), now: now)
        return true
    }

    /// The client was released or its loop ended; nothing can be asked any more. Returns whether anything changed.
    public mutating func released(now: MonotonicTime) -> Bool {
        guard !self.isOver else { return false }
        self.enter(.closed, .clientReleased, now: now)
        return true
    }

    /// What a wish to leave asks for.
    public enum LeaveAction: Sendable, Hashable {
        case nothing
        /// The channel is closed, and the server knows nothing of us.
        case close
        /// The channel is closed; send a LEAVE.
        case send
        /// The channel is closed; a kept session may still hold our membership, so send a LEAVE once connected.
        case owe
    }

    /// The program wants to leave.
    public mutating func leave(connected: Bool, now: MonotonicTime) -> LeaveAction {
        let action: LeaveAction
        switch self.state {
        case .idle: action = .close
        case .joining(let attempt): action = attempt != nil && connected ? .send : .owe
        case .joined, .stalled: action = connected ? .send : .owe
        case .closed, .declined: return .nothing
        }
        self.enter(.closed, .left, now: now)
        return action
    }

    /// What an eviction asks for.
    public enum EvictedAction: Sendable, Hashable {
        case nothing
        /// The channel is closed, and the server knows nothing of us.
        case close
        /// The channel is closed; send a LEAVE, for the server may have let us in again by the join that is on its way.
        case leave
    }

    /// The server removed us.
    ///
    /// While a first join waits for its answer this is about an earlier membership, of a channel that was left since.
    public mutating func evicted(_ reason: String, now: MonotonicTime) -> EvictedAction {
        let action: EvictedAction
        switch self.state {
        case .joined, .stalled(nil): action = .close
        case .stalled(.some): action = .leave
        case .idle, .joining, .closed, .declined: return .nothing
        }
        self.enter(.closed, .evicted(reason), now: now)
        return action
    }

    /// What `timePassed` asks for.
    public enum TimeAction: Sendable, Hashable {
        case nothing
        /// The server did not answer the join in time: the link is suspect, replace it and join again.
        case replaceLink
    }

    /// Time has come to `nextDeadline`, or somewhere near it. An unanswered join is never a refusal.
    public mutating func timePassed(now: MonotonicTime) -> TimeAction {
        guard var attempt = self.attempt, now >= attempt.deadline else { return .nothing }
        attempt.deadline = now + self.joinTime
        switch self.state {
        case .joining: self.state = .joining(attempt)
        case .stalled: self.state = .stalled(attempt)
        case .idle, .joined, .closed, .declined: break
        }
        return .replaceLink
    }

    /// When the join that is not answered was sent.
    public var unansweredSince: MonotonicTime? { self.attempt?.sentAt }

    private var attempt: Attempt? {
        switch self.state {
        case .joining(let attempt), .stalled(let attempt): attempt
        case .idle, .joined, .closed, .declined: nil
        }
    }

    private func newAttempt(_ requestId: String, now: MonotonicTime) -> Attempt {
        Attempt(requestId: requestId, sentAt: now, deadline: now + self.joinTime)
    }

    private mutating func enter(_ state: State, _ reason: ChannelReason, now: MonotonicTime) {
        self.state = state
        self.reason = reason
        self.since = now
    }
}

extension PondError {
    /// A channel or connection that is over.
    static func over(_ message: String, channel: String? = nil) -> PondError {
        PondError(code: 409, kind: .closed, message: message, channel: channel)
    }
}
