public import PondCore

/// What typed join and event contexts have in common.
public protocol TypedChannelContext<Schema> {
    /// What goes through the channel.
    associatedtype Schema: ChannelSchema
    /// The kind of context underneath.
    associatedtype Raw: ChannelContext
    /// The context underneath, for what the schema does not say.
    var raw: Raw { get }
}

extension TypedChannelContext {
    /// The user that joins or has sent the event.
    public var userId: String { self.raw.member.userId }

    /// A handle on this channel, for use after the handler is done.
    public var handle: TypedChannelHandle<Schema> { TypedChannelHandle(raw: self.raw.handle) }

    /// What the lobby's pattern captured of the channel's name.
    public var channelParams: [String: String] { self.raw.channelParams }

    /// What the server remembers about the user in this channel.
    public var assigns: Schema.Assigns {
        get throws(PondError) { try TypedValues.kept(self.raw.assigns, Schema.Assigns.self) }
    }

    /// Merges these into the assigns of the user, or of another member.
    public func assign(_ assigns: Schema.Assigns, for userId: String? = nil) throws(PondError) {
        self.raw.assign(try TypedValues.object(assigns), for: userId)
    }

    /// Sends an event to every member, the user included.
    public func broadcast<Body, Reply>(
        _ event: PondEvent<Schema, Body, Reply>,
        _ payload: Body
    ) throws(PondError) {
        try self.raw.send(event.name, try TypedValues.payload(payload), to: .all)
    }

    /// Sends an event to every member but the user.
    public func broadcastFrom<Body, Reply>(
        _ event: PondEvent<Schema, Body, Reply>,
        _ payload: Body
    ) throws(PondError) {
        try self.raw.send(event.name, try TypedValues.payload(payload), to: .allExcept(self.raw.user.id))
    }

    /// Sends an event to some users; ids without a member are ignored.
    public func broadcastTo<Body, Reply>(
        _ userIds: [String],
        _ event: PondEvent<Schema, Body, Reply>,
        _ payload: Body
    ) throws(PondError) {
        try self.raw.send(event.name, try TypedValues.payload(payload), to: .users(userIds))
    }

    /// Shows the user, or another member, as present; `key` is shared by connections that are one person.
    public func track(_ presence: Schema.Presence, for userId: String? = nil, key: String? = nil) throws(PondError) {
        try self.raw.track(try TypedValues.object(presence), for: userId, key: key)
    }

    /// Changes what the user, or another member, shows.
    public func updatePresence(_ presence: Schema.Presence, for userId: String? = nil) throws(PondError) {
        try self.raw.updatePresence(try TypedValues.object(presence), for: userId)
    }

    /// Shows the user, or another member, as present with this, whether or not it was tracked before.
    public func upsertPresence(_ presence: Schema.Presence, for userId: String? = nil) throws(PondError) {
        try self.raw.upsertPresence(try TypedValues.object(presence), for: userId)
    }

    /// Ends the presence of the user, or of another member.
    public func untrack(_ userId: String? = nil) throws(PondError) { try self.raw.untrack(userId) }

    /// Every presence, by its key.
    public var allPresence: [String: Schema.Presence] {
        get throws(PondError) { try TypedValues.kept(self.raw.allPresence, Schema.Presence.self) }
    }

    /// What the server remembers about each member, by user id.
    public var allAssigns: [String: Schema.Assigns] {
        get throws(PondError) { try TypedValues.kept(self.raw.allAssigns, Schema.Assigns.self) }
    }

    /// What the user shows; `nil` where it is not tracked.
    public var presence: Schema.Presence? {
        get throws(PondError) {
            guard let presence = self.raw.user.presence else { return nil }
            return try TypedValues.kept(presence, Schema.Presence.self)
        }
    }

    /// Removes a user and tells it the reason.
    public func evict(_ userId: String, reason: String = "evicted") { self.raw.evict(userId, reason: reason) }
}
