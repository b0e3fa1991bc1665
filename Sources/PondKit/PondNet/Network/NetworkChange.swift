/// A change of this machine's network after which a client may reach its server again.
public enum NetworkChange: Sendable, Hashable {
    /// A route was added, or an interface came up.
    case connected
    /// The machine woke from a suspend of this length.
    case woke(after: Duration)
}
