public import PondCore

/// A channel of a client whose events, presence and join parameters are the types of a schema.
///
/// ```swift
/// let chat = try client.createChannel(Chat.self, "/chat/lobby", params: Chat.JoinParams(nickname: "ann"))
/// chat.onMessageEvent(Chat.said) { print($0.text) }
/// chat.join()
/// let receipt = try await chat.sendForResponse(Chat.say, Chat.Text(text: "hi"))
/// ```
public struct TypedClientChannel<Schema: ChannelSchema>: Sendable {
    /// One typed presence.
    public struct Member: Sendable {
        /// Whose it is; `nil` from servers that send presence without ids.
        public let id: String?
        /// What was tracked.
        public let presence: Schema.Presence
    }

    /// The channel underneath: its states, its membership, its outbox.
    public let channel: ClientChannel

    /// A typed view of a channel that exists.
    public init(_ channel: ClientChannel) { self.channel = channel }

    // MARK: Membership

    /// The channel's name.
    public var name: String { self.channel.name }

    /// Where the channel stands.
    public var state: ChannelState { self.channel.state }

    /// Joins now, or as soon as there is a connection; and again after every lost one.
    public func join() { self.channel.join() }

    /// Leaves for good. Messages that the server has not confirmed fail.
    public func leave() { self.channel.leave() }

    /// Waits until the channel is joined. Throws why it never will be.
    public func joined() async throws(PondError) { try await self.channel.joined() }

    // MARK: Messages

    /// Sends an event, now or as soon as the channel is joined. Returns the message's id in the outbox.
    @discardableResult
    public func sendMessage<Content, Reply>(
        _ event: PondEvent<Schema, Content, Reply>,
        _ content: Content
    ) throws(PondError) -> String {
        try self.channel.sendMessage(event.name, try Payload(encoding: content))
    }

    /// Sends an event and waits until the server has handled it, over lost connections too.
    public func deliver<Content, Reply>(
        _ event: PondEvent<Schema, Content, Reply>,
        _ content: Content
    ) async throws(PondError) {
        try await self.channel.deliver(event.name, try Payload(encoding: content))
    }

    /// Sends an event and waits for the reply to it.
    public func sendForResponse<Content, Reply>(
        _ event: PondEvent<Schema, Content, Reply>,
        _ content: Content,
        timeout: Duration? = nil
    ) async throws(PondError) -> Reply {
        let payload = try Payload(encoding: content)
        return try await self.channel.sendForResponse(event.name, payload, timeout: timeout).decode(Reply.self)
    }

    /// Calls back for every broadcast of this event; one of another shape goes to the client's `onError`.
    @discardableResult
    public func onMessageEvent<Content, Reply>(
        _ event: PondEvent<Schema, Content, Reply>,
        _ listener: @escaping @Sendable (Content) -> Void
    ) -> ClientSubscription {
        let name = event.name
        let errors = self.channel.errors
        return self.channel.onMessage { message in
            guard message.event == name else { return }
            do throws(PondError) {
                listener(try message.payload.decode(Content.self))
            } catch {
                errors.publish(error.at(message))
            }
        }
    }

    // MARK: Presence

    /// Who is present, as of the last frame that said so; what has another shape is left out.
    public var members: [Member] { self.channel.presence.compactMap(self.member) }

    /// Calls back for each presence that comes.
    @discardableResult
    public func onJoin(_ listener: @escaping @Sendable (Member) -> Void) -> ClientSubscription {
        self.channel.onJoin { if let member = self.member($0) { listener(member) } }
    }

    /// Calls back for each presence that goes, with its last value.
    @discardableResult
    public func onLeave(_ listener: @escaping @Sendable (Member) -> Void) -> ClientSubscription {
        self.channel.onLeave { if let member = self.member($0) { listener(member) } }
    }

    /// Calls back for each presence whose value changes.
    @discardableResult
    public func onPresenceChange(_ listener: @escaping @Sendable (Member) -> Void) -> ClientSubscription {
        self.channel.onPresenceChange { if let member = self.member($0) { listener(member) } }
    }

    /// Calls back with the whole list after every change of it.
    @discardableResult
    public func onUsersChange(_ listener: @escaping @Sendable ([Member]) -> Void) -> ClientSubscription {
        self.channel.onUsersChange { listener($0.compactMap(self.member)) }
    }

    private func member(_ entry: PresenceList.Entry) -> Member? {
        guard let presence = try? entry.presence.decode(Schema.Presence.self) else { return nil }
        return Member(id: entry.id, presence: presence)
    }
}

extension PondClient {
    /// A channel of that name, typed by a schema: the live one where there is one, else a new one.
    public func createChannel<Schema: ChannelSchema>(
        _ schema: Schema.Type,
        _ name: String,
        params: Schema.JoinParams
    ) throws(PondError) -> TypedClientChannel<Schema> {
        TypedClientChannel(self.createChannel(name, params: try Payload(encoding: params)))
    }

    /// A channel of that name, typed by a schema whose joins carry nothing.
    public func createChannel<Schema: ChannelSchema>(
        _ schema: Schema.Type,
        _ name: String
    ) -> TypedClientChannel<Schema> where Schema.JoinParams == NoPayload {
        TypedClientChannel(self.createChannel(name))
    }
}

extension PondError {
    fileprivate func at(_ message: ServerMessage) -> PondError {
        var error = self
        error.kind = .invalidMessage
        error.channel = message.channelName
        error.message = "\(message.event): \(self.message)"
        return error
    }
}
