import PondCore

/// What the server's greeting says about itself.
struct ServerAbilities: Sendable, Hashable {
    /// Whether it knows acknowledged sends, recovery, sessions and presence deltas.
    var isSecondVersion = false
    /// The token that gives this session back.
    var session: String?
    /// The largest message that it takes, in bytes of its JSON; `nil` where it does not say so.
    var messageBytes: Int?
    /// The public id of the user.
    var userId: String?

    init() {}

    /// Reads the payload of `CONNECT/CONNECTION`; what makes no sense is taken for absent.
    init(greeting: JSON) {
        self.userId = greeting["id"]?.string
        guard let pond = greeting["pond"], let version = pond["v"]?.int, version >= 2 else { return }
        self.isSecondVersion = true
        self.messageBytes = pond["maxBytes"]?.int.flatMap { $0 > 0 ? $0 : nil }
        self.session = pond["session"]?.string.flatMap { $0.utf8.count <= 512 && !$0.isEmpty ? $0 : nil }
    }
}
