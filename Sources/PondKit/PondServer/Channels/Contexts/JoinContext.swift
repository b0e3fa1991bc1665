public import PondCore

/// A request to join a channel, which a join handler accepts or declines.
///
/// A handler that does neither declines with 401; one that throws, with 500 or the status of its `PondError`.
public final class JoinContext: ChannelContext {
    /// What the client sent along.
    public let payload: Payload
    let request: JoinRequest
    private(set) var decision: Decision?
    /// Replies made before the answer, which goes first.
    private var early: [(String, Payload)] = []

    /// Whether the join keeps the channel's history open until it is decided.
    let holdsHistory: Bool

    enum Decision {
        case accepted
        case declined(PondError)
    }

    init(member: Member, request: JoinRequest, holdsHistory: Bool) {
        self.holdsHistory = holdsHistory
        self.request = request
        self.payload = request.params
        super.init(member: member)
    }

    /// The parameters that the client sent along, as a tree.
    public var joinParams: JSONObject { self.payload.json.object ?? [:] }

    /// The parameters that the client sent along, as a type; parameters of another shape decline the join.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws(PondError) -> Value {
        try TypedValues.received(self.payload, type)
    }

    /// Makes the user a member, which receives what the handler sends and tracks from now on.
    ///
    /// `assigns` is merged into what the connection handler assigned.
    public func accept(assigns: JSONObject = [:]) {
        let member = self.member
        guard self.decision == nil else { return self.twice() }
        guard !member.hasEnded else {
            self.decision = .declined(.unavailable("The connection is over"))
            return
        }
        do {
            let channel = try member.home.channel(member.key, of: member.lobby, match: member.match)
            guard channel.roster.count < member.home.core.options.limits.membersPerChannel else {
                self.decision = .declined(.unavailable("The channel is full"))
                if channel.roster.isEmpty { member.home.destroy(channel) }
                return
            }
            self.decision = .accepted
            member.assigns = member.assigns.merging(assigns)
            member.enter(channel, self.request)
            for (event, payload) in self.early { self.reply(event, payload) }
        } catch {
            self.decision = .declined(error)
        }
    }

    /// Refuses the user; `retryAfter` tells the client after how many seconds it may try again.
    public func decline(_ code: Int = 403, _ message: String = "Forbidden", retryAfter seconds: Double? = nil) {
        _ = self.member
        guard self.decision == nil else { return self.twice() }
        self.decision = .declined(PondError(declining: code, message, retryAfter: seconds))
    }

    /// Sends the user an event with the join's request id; before `accept` it waits for that.
    public func reply(_ event: String, _ payload: Payload = .empty) {
        guard self.isOnLoop else { return self.onLoop { ($0 as? JoinContext)?.reply(event, payload) } }
        self.orRefuse { () throws(PondError) in try self.answer(event, payload) }
    }

    /// Sends the user an event, now or after `accept`; throws where it is too large.
    func answer(_ event: String, _ payload: Payload) throws(PondError) {
        if let channel = self.member.channel {
            try channel.delivery.reply(event, payload, requestId: self.request.requestId, to: self.member)
        } else if self.decision == nil {
            self.early.append((event, payload))
        }
    }

    private func twice() {
        let lobby = self.member.lobby.pattern
        self.member.home.core.options.log.log(.warning, "a join handler of \(lobby) decided twice; the first holds")
    }
}

extension PondError {
    /// The refusal that a connection or join handler chose.
    init(declining code: Int, _ message: String, retryAfter: Double?) {
        let kind: Kind =
            switch code {
            case 401: .unauthorized
            case 404: .notFound
            case 429: .rateLimited
            default: .forbidden
            }
        self.init(code: code, kind: kind, message: message, retryAfter: retryAfter)
    }
}

extension Error {
    /// Whether a handler chose this as its answer, so that the log need not be told.
    var isAnswer: Bool {
        guard let error = self as? PondError else { return false }
        return error.underlying == nil && error.kind != .internalError
    }
}
