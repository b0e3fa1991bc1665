public import PondCore

/// The state of a client that survives its process.
public struct StoredOutbox: Sendable, Hashable {
    /// A message that the server has not confirmed.
    public struct Message: Sendable, Hashable {
        /// The id in the outbox.
        public var id: String
        /// The id on the wire, by which the server recognises a repeat.
        public var requestId: String
        /// The event's name.
        public var event: String
        /// The event's payload.
        public var payload: Payload

        /// A message of these parts.
        public init(id: String, requestId: String, event: String, payload: Payload) {
            self.id = id
            self.requestId = requestId
            self.event = event
            self.payload = payload
        }
    }

    /// The session that a returning client asks for.
    public struct Session: Sendable, Hashable {
        /// The token of the session: a secret.
        public var token: String
        /// The user id that the server gave the session.
        public var userId: String?

        /// A session of this token.
        public init(token: String, userId: String?) {
            self.token = token
            self.userId = userId
        }
    }

    /// One channel.
    public struct Channel: Sendable, Hashable {
        /// Messages that the server has not confirmed, in the order of sending.
        public var messages: [Message] = []
        /// The last broadcast that the client received.
        public var position: StreamPosition?

        /// A channel without messages.
        public init() {}
    }

    /// The session of the last connection.
    public var session: Session?
    /// The channels by name.
    public var channels: [String: Channel] = [:]

    /// An empty state.
    public init() {}

    /// Applies one change.
    public mutating func apply(_ change: OutboxChange) {
        switch change {
        case .session(let session): self.session = session
        case .added(let message, let channel):
            self.channels[channel, default: Channel()].messages.removeAll { $0.id == message.id }
            self.channels[channel, default: Channel()].messages.append(message)
        case .removed(let id, let channel): self.channels[channel]?.messages.removeAll { $0.id == id }
        case .position(let position, let channel): self.channels[channel, default: Channel()].position = position
        case .left(let channel): self.channels[channel] = nil
        }
    }

    /// The changes that make this state of an empty one.
    public var changes: [OutboxChange] {
        var changes: [OutboxChange] = self.session.map { [.session($0)] } ?? []
        for (name, channel) in self.channels.sorted(by: { $0.key < $1.key }) {
            if let position = channel.position { changes.append(.position(position, channel: name)) }
            changes += channel.messages.map { .added($0, channel: name) }
        }
        return changes
    }
}
