/// A session as all nodes may know it: enough for another node to go on with it.
package struct SessionRecord: Sendable, Hashable {
    /// The public id that the session keeps.
    package var userId: String
    /// The endpoint's path pattern.
    package var endpoint: String
    /// What the connection handler remembered.
    package var assigns: JSONObject
    /// The channels that it is in, by name.
    package var channels: [String: Membership] = [:]

    /// One channel that a session is in.
    package struct Membership: Sendable, Hashable {
        package var assigns: JSONObject
        /// What it shows there, and under which key; `nil` where it is not tracked.
        package var presence: JSONObject?
        package var key: String?
    }
}

extension SessionRecord.Membership {
    /// The membership as JSON.
    var json: JSON {
        var object: JSONObject = ["assigns": .object(self.assigns)]
        if let presence = self.presence { object["presence"] = .object(presence) }
        if let key = self.key { object["key"] = .string(key) }
        return .object(object)
    }

    /// Reads a membership; `nil` where it is none.
    init?(_ json: JSON) {
        guard let object = json.object, let assigns = object["assigns"]?.object else { return nil }
        self.init(assigns: assigns, presence: object["presence"]?.object, key: object["key"]?.string)
    }
}
