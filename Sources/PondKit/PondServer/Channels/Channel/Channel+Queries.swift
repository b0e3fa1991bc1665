import PondCore

/// What others may know of a channel.
extension Channel {
    /// The users of this node, each once.
    var localUsers: [User] { self.userIds.compactMap { self.member(of: $0)?.user } }

    /// Every presence, by its key.
    var presenceByKey: [String: JSONObject] {
        Dictionary(self.presence.entries.map { ($0.key, $0.value) }) { first, _ in first }
    }

    /// What is remembered about each user, by user id.
    var assignsByUser: [String: JSONObject] {
        Dictionary(self.users.map { ($0.id, $0.assigns) }) { first, _ in first }
    }
}
