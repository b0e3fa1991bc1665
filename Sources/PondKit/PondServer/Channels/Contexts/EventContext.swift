public import PondCore

/// An event that a member sent, in the hands of its handler.
public final class EventContext: ChannelContext {
    /// The event's name.
    public var eventName: String { self.message.event }
    /// What the event pattern captured of the name.
    public var params: [String: String] { self.captures?.params ?? [:] }
    /// What a `*` in the event pattern captured.
    public var wildcard: String? { self.captures?.wildcard }
    /// The query behind the event's name, where a pattern took it.
    public var query: [String: [String]] { self.captures?.query ?? [:] }
    /// What was sent, as the bytes it came in.
    public var payload: Payload { self.message.payload }
    /// The id by which the client knows the answer.
    public var requestId: String { self.message.requestId }
    let message: InboundMessage
    private let live: Channel
    private let captures: EventCaptures?
    /// Whether the sender has its answer.
    public var hasReplied: Bool {
        _ = self.member
        return self.isAnswered
    }
    private var isAnswered = false
    /// The handler's own broadcasts of which it did not ask yet whether they are stored.
    private(set) var unsettled: [UInt64] = []

    init(
        member: Member,
        channel: Channel,
        message: consuming InboundMessage,
        found: EventRoutes<EventContext>.Found
    ) {
        self.message = message
        self.captures = found.captures
        self.live = channel
        super.init(member: member)
    }

    /// The channel that the event was sent to, though the sender may have left it since.
    override var channel: Channel? {
        _ = self.member
        return self.live
    }

    override var origin: RequestOrigin? {
        guard self.message.wantsAcknowledgement, let client = self.member.identity.client else { return nil }
        return RequestOrigin(client: client, requestId: self.requestId)
    }

    /// What was sent, as a type; a payload of another shape is an INVALID_MESSAGE for the sender.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws(PondError) -> Value {
        try TypedValues.received(self.payload, type)
    }

    override func numbered(_ number: UInt64) { self.unsettled.append(number) }

    /// Returns when everything that this context has broadcast is stored and was sent; throws if the history could not
    /// store a part of it or it was too large, so that no member receives it. Returns at once without a history.
    ///
    /// A failure that is thrown here is not sent to the sender of the event in addition.
    public func stored() async throws(PondError) {
        _ = self.member
        if let refusal = self.takeRefusal() { throw refusal }
        guard let history = self.live.history else { return }
        let numbers = self.unsettled
        self.unsettled = []
        let error = await withCheckedContinuation { (continuation: CheckedContinuation<PondError?, Never>) in
            history.whenSettled(numbers) { continuation.resume(returning: $0) }
        }
        if let error { throw error }
    }

    /// Tells when everything that was broadcast so far is stored, or why it never will be; later messages of the sender
    /// do not wait for that. A failure is sent to the sender, too.
    package func whenStored(_ then: @escaping (PondError?) -> Void) {
        guard self.refusal == nil, let history = self.live.history else { return then(self.refusal) }
        history.whenSettled(self.unsettled, then)
    }

    /// Answers the sender alone, under the request's id; only the first answer counts.
    public func reply(_ event: String, _ payload: Payload = .empty) {
        guard self.isOnLoop else { return self.onLoop { ($0 as? EventContext)?.reply(event, payload) } }
        self.orRefuse { () throws(PondError) in try self.answer(event, payload) }
    }

    /// Answers the sender alone; throws where the answer is too large.
    func answer(_ event: String, _ payload: Payload) throws(PondError) {
        guard !self.hasReplied else {
            let place = "\(self.eventName) in \(self.member.lobby.pattern)"
            return self.member.home.core.options.log.log(.warning, "a handler of \(place) replied twice")
        }
        try self.live.delivery.reply(event, payload, requestId: self.requestId, to: self.member)
        self.isAnswered = true
    }
}
