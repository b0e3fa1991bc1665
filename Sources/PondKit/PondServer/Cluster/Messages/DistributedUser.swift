package import PondCore

/// A user as one node describes it to another.
package struct DistributedUser: Sendable, Hashable {
    package var id: String
    package var assigns: JSONObject
    /// What is tracked of the user; `nil` when nothing is, which the wire writes as an empty object.
    package var presence: Payload?
    /// The key that the presence is shared under; `nil` for the user's own id. Our addition to the protocol.
    package var presenceKey: String?

    package init(id: String, assigns: JSONObject = [:], presence: Payload? = nil, presenceKey: String? = nil) {
        self.id = id
        self.assigns = assigns
        self.presence = presence
        self.presenceKey = presenceKey
    }
}
