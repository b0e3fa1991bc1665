/// What others may know of a channel.
extension Channel {
    /// The users, each once.
    var users: [User] { self.userIds.compactMap { self.member(of: $0)?.user } }
}
