/// Told in the directory by a server that is one of several: whether it can reach the others. While it cannot, its
/// users are among themselves, and what they say reaches the others later.
public struct ServersReachable: ChatPayload {
    public static let event = "servers"

    public var reachable: Bool
    /// What to show to people.
    public var text: String

    public init(_ reachable: Bool) {
        self.reachable = reachable
        self.text =
            reachable
            ? "the other servers can be reached again"
            : "the other servers cannot be reached: what you say is kept, and gets there later"
    }
}
