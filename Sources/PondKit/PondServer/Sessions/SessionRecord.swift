public import PondCore

/// A session as all nodes may know it: enough for another node to go on with it.
public struct SessionRecord: Sendable, Hashable {
    /// The public id that the session keeps.
    public var userId: String
    /// The endpoint's path pattern.
    public var endpoint: String
    /// What the connection handler remembered.
    public var assigns: JSONObject
    /// The channels that it is in, by name.
    public var channels: [String: SessionMembership]

    public init(userId: String, endpoint: String, assigns: JSONObject, channels: [String: SessionMembership] = [:]) {
        self.userId = userId
        self.endpoint = endpoint
        self.assigns = assigns
        self.channels = channels
    }
}

/// One channel that a session is in.
public struct SessionMembership: Sendable, Hashable {
    /// What the server's handlers remember of the member.
    public var assigns: JSONObject
    /// What it shows there, and under which key; `nil` where it is not tracked.
    public var presence: JSONObject?
    /// The key under which it shows.
    public var key: String?

    public init(assigns: JSONObject, presence: JSONObject? = nil, key: String? = nil) {
        self.assigns = assigns
        self.presence = presence
        self.key = key
    }
}

extension SessionMembership {
    /// The membership as JSON.
    public var json: JSON {
        var object: JSONObject = ["assigns": .object(self.assigns)]
        if let presence = self.presence { object["presence"] = .object(presence) }
        if let key = self.key { object["key"] = .string(key) }
        return .object(object)
    }

    /// Reads a membership; `nil` where it is none.
    public init?(_ json: JSON) {
        guard let object = json.object, let assigns = object["assigns"]?.object else { return nil }
        self.init(assigns: assigns, presence: object["presence"]?.object, key: object["key"]?.string)
    }
}
