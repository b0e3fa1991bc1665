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
        self.raw.broadcast(event.name, try TypedValues.payload(payload), to: recipients)
    }

    /// Removes a user, which hears the reason.
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
