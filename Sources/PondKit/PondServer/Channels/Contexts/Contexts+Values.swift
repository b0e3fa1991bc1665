public import PondCore

// The methods of the contexts that take a payload, a presence or assigns, with values of the caller's own:
// a literal of variables, or an `Encodable` type.

extension ChannelContext {
    /// Sends an event with these members to every member, the user included.
    @_disfavoredOverload
    public func broadcast(_ event: String, _ members: JSONMembers) { self.broadcast(event, Payload(members)) }

    /// Sends an event with a payload of your own type to every member, the user included.
    public func broadcast(_ event: String, encoding payload: some Encodable) throws(PondError) {
        self.broadcast(event, try TypedValues.encoded(payload))
    }

    /// Sends an event with these members to every member but the user.
    @_disfavoredOverload
    public func broadcastFrom(_ event: String, _ members: JSONMembers) { self.broadcastFrom(event, Payload(members)) }

    /// Sends an event with a payload of your own type to every member but the user.
    public func broadcastFrom(_ event: String, encoding payload: some Encodable) throws(PondError) {
        self.broadcastFrom(event, try TypedValues.encoded(payload))
    }

    /// Sends an event with these members to some users; ids without a member are ignored.
    @_disfavoredOverload
    public func broadcastTo(_ userIds: [String], _ event: String, _ members: JSONMembers) {
        self.broadcastTo(userIds, event, Payload(members))
    }

    /// Sends an event with a payload of your own type to some users; ids without a member are ignored.
    public func broadcastTo(_ userIds: [String], _ event: String, encoding payload: some Encodable) throws(PondError) {
        self.broadcastTo(userIds, event, try TypedValues.encoded(payload))
    }

    /// Shows the user, or another member, as present with these members, as `track(_:for:key:)` does.
    @_disfavoredOverload
    public func track(_ presence: JSONMembers, for userId: String? = nil, key: String? = nil) throws(PondError) {
        try self.track(JSONObject(presence), for: userId, key: key)
    }

    /// Shows the user, or another member, as present with a value of your own type, which must encode to an object.
    public func track(
        encoding presence: some Encodable,
        for userId: String? = nil,
        key: String? = nil
    ) throws(PondError) {
        try self.track(try TypedValues.object(presence), for: userId, key: key)
    }

    /// Changes what the user, or another member, shows to these members.
    @_disfavoredOverload
    public func updatePresence(_ presence: JSONMembers, for userId: String? = nil) throws(PondError) {
        try self.updatePresence(JSONObject(presence), for: userId)
    }

    /// Changes what the user, or another member, shows to a value of your own type, which must encode to an object.
    public func updatePresence(encoding presence: some Encodable, for userId: String? = nil) throws(PondError) {
        try self.updatePresence(try TypedValues.object(presence), for: userId)
    }

    /// Shows the user, or another member, as present with these members, whether or not it was tracked before.
    @_disfavoredOverload
    public func upsertPresence(_ presence: JSONMembers, for userId: String? = nil) throws(PondError) {
        try self.upsertPresence(JSONObject(presence), for: userId)
    }

    /// Merges these members into what the server remembers about the user, or about another member.
    @_disfavoredOverload
    public func assign(_ assigns: JSONMembers, for userId: String? = nil) {
        self.assign(JSONObject(assigns), for: userId)
    }

    /// Merges a value of your own type, which must encode to an object, into what the server remembers about the user.
    public func assign(encoding assigns: some Encodable, for userId: String? = nil) throws(PondError) {
        self.assign(try TypedValues.object(assigns), for: userId)
    }
}

extension EventContext {
    /// Answers the sender alone with these members; only the first answer counts.
    @_disfavoredOverload
    public func reply(_ event: String, _ members: JSONMembers) { self.reply(event, Payload(members)) }

    /// Answers the sender alone with a payload of your own type; only the first answer counts.
    public func reply(_ event: String, encoding payload: some Encodable) throws(PondError) {
        self.reply(event, try TypedValues.encoded(payload))
    }
}

extension JoinContext {
    /// Makes the user a member; these members are merged into what the connection handler remembered.
    @_disfavoredOverload
    public func accept(assigns: JSONMembers) { self.accept(assigns: JSONObject(assigns)) }

    /// Sends the user an event with these members and the join's request id; before `accept` it waits for that.
    @_disfavoredOverload
    public func reply(_ event: String, _ members: JSONMembers) { self.reply(event, Payload(members)) }

    /// Sends the user an event with a payload of your own type and the join's request id.
    public func reply(_ event: String, encoding payload: some Encodable) throws(PondError) {
        self.reply(event, try TypedValues.encoded(payload))
    }
}

extension ConnectionContext {
    /// Accepts the client under a user id, a random one where none is given, and remembers these members.
    @_disfavoredOverload
    public func accept(assigns: JSONMembers, userId: String? = nil) {
        self.accept(assigns: JSONObject(assigns), userId: userId)
    }

    /// Merges these members into what the server remembers about the client in its channels.
    @_disfavoredOverload
    public func assign(_ assigns: JSONMembers) { self.assign(JSONObject(assigns)) }

    /// Sends an event with these members right after the greeting, if the client is accepted.
    @_disfavoredOverload
    public func reply(_ event: String, _ members: JSONMembers) { self.reply(event, Payload(members)) }

    /// Sends an event with a payload of your own type right after the greeting, if the client is accepted.
    public func reply(_ event: String, encoding payload: some Encodable) throws(PondError) {
        self.reply(event, try TypedValues.encoded(payload))
    }
}

extension LeaveContext {
    /// Sends an event with these members to the remaining members; once.
    @_disfavoredOverload
    public func broadcast(_ event: String, _ members: JSONMembers) { self.broadcast(event, Payload(members)) }

    /// Sends an event with a payload of your own type to the remaining members; once.
    public func broadcast(_ event: String, encoding payload: some Encodable) throws(PondError) {
        self.broadcast(event, try TypedValues.encoded(payload))
    }
}

extension OutgoingContext {
    /// Replaces the payload for this recipient with these members.
    @_disfavoredOverload
    public func transform(_ members: JSONMembers) { self.transform(Payload(members)) }
}

extension ChannelHandle {
    /// Sends an event with these members to channel members, to all of them where nothing else is said.
    @_disfavoredOverload
    public func broadcast(_ event: String, _ members: JSONMembers, to recipients: Recipients = .all) {
        self.broadcast(event, Payload(members), to: recipients)
    }

    /// Sends an event with a payload of your own type to members, to all of them where nothing else is said.
    public func broadcast(
        _ event: String,
        encoding payload: some Encodable,
        to recipients: Recipients = .all
    ) throws(PondError) {
        self.broadcast(event, try TypedValues.encoded(payload), to: recipients)
    }

    /// Merges these members into what the server remembers about a user in this channel.
    @_disfavoredOverload
    public func assign(_ assigns: JSONMembers, for userId: String) { self.assign(JSONObject(assigns), for: userId) }
}
