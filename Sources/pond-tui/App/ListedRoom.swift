/// A room of the server's list, whether the user is in it or not.
struct ListedRoom: Hashable, Sendable {
    /// The name without `#`.
    var name: String
    var topic: String
    var members: Int
}
