/// What others may know of a channel.
extension Channel {
    /// The users of this node, each once.
    var localUsers: [User] { self.userIds.compactMap { self.member(of: $0)?.user } }
}
