/// A broadcast as a history keeps it: everything that is needed to send it again, and to whom.
public struct StoredBroadcast: Sendable, Hashable {
    /// Its number in the channel.
    public var offset: UInt64
    /// The event's name.
    public var event: String
    /// The id it went out with, the same for all who got it.
    public var requestId: String
    /// Who got it, and so who gets it again.
    public var recipients: Recipients
    /// What it says, before outgoing handlers looked at it.
    public var payload: Payload

    /// A broadcast with its number.
    public init(offset: UInt64, event: String, requestId: String, recipients: Recipients, payload: Payload) {
        self.offset = offset
        self.event = event
        self.requestId = requestId
        self.recipients = recipients
        self.payload = payload
    }

    /// The memory it takes, roughly.
    var cost: Int {
        let ids: Int =
            switch self.recipients {
            case .all: 0
            case .allExcept(let id): id.utf8.count
            case .users(let ids): ids.reduce(0) { $0 + $1.utf8.count + 16 }
            }
        return 160 + self.payload.bytes.count + self.event.utf8.count + self.requestId.utf8.count + ids
    }
}

extension Recipients {
    /// Whether a user is one of them.
    func include(_ userId: String) -> Bool {
        switch self {
        case .all: true
        case .allExcept(let id): id != userId
        case .users(let ids): ids.contains(userId)
        }
    }
}
