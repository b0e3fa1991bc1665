/// A user as one node describes it to another.
package struct DistributedUser: Sendable, Hashable {
    package var id: String
    package var assigns: JSONObject
    /// What is tracked of the user; `nil` when nothing is, which the wire writes as an empty object.
    package var presence: Payload?

    package init(id: String, assigns: JSONObject = [:], presence: Payload? = nil) {
        self.id = id
        self.assigns = assigns
        self.presence = presence
    }
}
