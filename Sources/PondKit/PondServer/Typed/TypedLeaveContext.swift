public import PondCore

/// The end of a membership in a channel that speaks a schema.
public struct TypedLeaveContext<Schema: ChannelSchema> {
    /// The context underneath.
    public let raw: LeaveContext

    /// The user that left.
    public var userId: String { self.raw.user.id }

    /// Why.
    public var reason: LeaveReason { self.raw.reason }

    /// The members that are left.
    public var remaining: Int { self.raw.remaining }

    /// What the server remembered about the user.
    public var assigns: Schema.Assigns {
        get throws(PondError) { try TypedValues.kept(self.raw.user.assigns, Schema.Assigns.self) }
    }

    /// What the user showed last; `nil` where it was not tracked.
    public var presence: Schema.Presence? {
        get throws(PondError) {
            guard let presence = self.raw.user.presence else { return nil }
            return try TypedValues.kept(presence, Schema.Presence.self)
        }
    }

    /// Every remaining presence, by its key.
    public var allPresence: [String: Schema.Presence] {
        get throws(PondError) { try TypedValues.kept(self.raw.allPresence, Schema.Presence.self) }
    }

    /// The assigns of each remaining user, by user id.
    public var allAssigns: [String: Schema.Assigns] {
        get throws(PondError) { try TypedValues.kept(self.raw.allAssigns, Schema.Assigns.self) }
    }

    /// Sends an event to the remaining members; once.
    public func broadcast<Body, Reply>(_ event: PondEvent<Schema, Body, Reply>, _ payload: Body) throws(PondError) {
        try self.raw.send(event.name, try TypedValues.payload(payload), to: .all)
    }
}
