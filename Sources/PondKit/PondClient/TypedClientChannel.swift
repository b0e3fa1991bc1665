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

    /// Leaves the channel, which ends it. Messages that the server has not confirmed fail.
    public func leave() { self.channel.leave() }

    /// Waits until the channel is joined, for at most `timeout`. Joins and connects where the program has not done so.
    public func joined(timeout: Duration? = nil) async throws(PondError) {
        try await self.channel.joined(timeout: timeout)
    }

    /// The status now, and every change of the state or its reason.
    public var stateChanges: ClientSequence<ChannelStatus> { self.channel.stateChanges }

    /// Whether missed broadcasts were recovered, at each rejoin, for one consumer; ends with the channel.
    public var recoveries: ClientSequence<RecoveryEvent> { self.channel.recoveries }

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
    ///
    /// What failed is thrown and leaves the outbox; `keepsFailed` keeps the message there for a retry.
    public func deliver<Content, Reply>(
        _ event: PondEvent<Schema, Content, Reply>,
        _ content: Content,
        keepsFailed: Bool = false
    ) async throws(PondError) {
        try await self.channel.deliver(event.name, try Payload(encoding: content), keepsFailed: keepsFailed)
    }

    /// Sends an event and waits for the reply, which `values(of:)` and `onMessageEvent` do not repeat.
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
        let content = self.content(of: event)
        return self.channel.onMessage { if let content = content($0) { listener(content) } }
    }

    /// The broadcasts of this event from now on, in order, for one consumer; ends with the channel.
    ///
    /// ```swift
    /// for await vote in room.values(of: Poll.vote) { print(vote.choice) }
    /// ```
    ///
    /// A payload of another shape goes to the client's `errors` instead.
    public func values<Content, Reply>(of event: PondEvent<Schema, Content, Reply>) -> ClientSequence<Content> {
        ClientSequence(
            self.channel.shared.messages,
            mapping: self.content(of: event),
            capacity: self.channel.options.sequenceCapacity,
            keeping: self.channel.kept
        )
    }

    /// Decodes the messages of one event; one of another shape is published as an error of the client.
    private func content<Content, Reply>(
        of event: PondEvent<Schema, Content, Reply>
    ) -> @Sendable (ServerMessage) -> Content? {
        let name = event.name
        let errors = self.channel.errors
        return { message in
            guard message.event == name else { return nil }
            do throws(PondError) {
                return try message.payload.decode(Content.self)
            } catch {
                errors.publish(error.at(message))
                return nil
            }
        }
    }

    // MARK: Presence

    /// The members as of the server's last presence message, without presences of another shape.
    public var members: [Member] { self.channel.presence.compactMap(self.member) }

    /// Calls back for each presence that joins.
    @discardableResult
    public func onJoin(_ listener: @escaping @Sendable (Member) -> Void) -> ClientSubscription {
        self.channel.onJoin { if let member = self.member($0) { listener(member) } }
    }

    /// Calls back for each presence that leaves, with its last value.
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

    /// The members now, and after every change of the list, for one consumer; ends with the channel.
    public var memberLists: ClientSequence<[Member]> {
        ClientSequence(
            self.channel.shared.presenceLists,
            mapping: { $0.compactMap(self.member) },
            beginningWith: { self.members },
            capacity: self.channel.options.sequenceCapacity,
            keeping: self.channel.kept
        )
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
