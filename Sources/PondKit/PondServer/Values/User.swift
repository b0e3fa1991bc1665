public import PondCore

/// A member of a channel as its handlers see it, at the moment of asking.
public struct User: Sendable, Hashable {
    /// The public id; several connections of one person may share it.
    public let id: String
    /// What the server remembers about the user; never sent to a client by the framework.
    public let assigns: JSONObject
    /// What the user shows to others, where it is tracked.
    public let presence: JSONObject?

    /// A user with what is known of it.
    public init(id: String, assigns: JSONObject = [:], presence: JSONObject? = nil) {
        self.id = id
        self.assigns = assigns
        self.presence = presence
    }
}
