public import PondCore

/// A channel that speaks a schema, as seen from outside its handlers.
public struct TypedChannelHandle<Schema: ChannelSchema>: Sendable {
    /// The handle underneath.
    public let raw: ChannelHandle

    /// Sends an event to members, every one where nothing else is said.
    public func broadcast<Body, Reply>(
        _ event: PondEvent<Schema, Body, Reply>,
        _ payload: Body,
        to recipients: Recipients = .all
    ) throws(PondError) {
        try self.raw.send(event.name, try TypedValues.payload(payload), to: recipients)
    }

    /// Sends an event to some users; ids without a member are ignored.
    public func broadcastTo<Body, Reply>(
        _ userIds: [String],
        _ event: PondEvent<Schema, Body, Reply>,
        _ payload: Body
    ) throws(PondError) {
        try self.broadcast(event, payload, to: .users(userIds))
    }

    /// Sends an event to every member but the connections of one user.
    public func broadcastFrom<Body, Reply>(
        _ userId: String,
        _ event: PondEvent<Schema, Body, Reply>,
        _ payload: Body
    ) throws(PondError) {
        try self.broadcast(event, payload, to: .allExcept(userId))
    }

    /// Shows a member as present; a 404 where it is none, a 409 where it is tracked already.
    public func track(_ presence: Schema.Presence, for userId: String, key: String? = nil) async throws(PondError) {
        try await self.raw.track(try TypedValues.object(presence), for: userId, key: key)
    }

    /// Changes what a tracked user shows; a 404 when it is not a member or not tracked.
    public func updatePresence(_ presence: Schema.Presence, for userId: String) async throws(PondError) {
        try await self.raw.updatePresence(try TypedValues.object(presence), for: userId)
    }

    /// Ends the presence of a user, which stays a member; a 404 when it is not a member or not tracked.
    public func untrack(_ userId: String) async throws(PondError) { try await self.raw.untrack(userId) }

    /// Lays assigns over what the server remembers about a user in this channel.
    public func assign(_ assigns: Schema.Assigns, for userId: String) throws(PondError) {
        self.raw.assign(try TypedValues.object(assigns), for: userId)
    }

    /// What the server remembers about each user, by user id.
    public func assigns() async throws(PondError) -> [String: Schema.Assigns] {
        try TypedValues.kept(await self.raw.assigns(), Schema.Assigns.self)
    }

    /// Removes a user and tells it the reason.
    public func evict(_ userId: String, reason: String = "evicted") { self.raw.evict(userId, reason: reason) }

    /// Every presence, in the order of tracking.
    public func presence() async throws(PondError) -> [(key: String, presence: Schema.Presence)] {
        var all: [(key: String, presence: Schema.Presence)] = []
        for (key, value) in await self.raw.presence() {
            all.append((key: key, presence: try TypedValues.kept(value, Schema.Presence.self)))
        }
        return all
    }
}
