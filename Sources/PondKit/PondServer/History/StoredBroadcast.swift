public import PondCore

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
    /// The request that it came of, where its sender asked for an acknowledgement.
    public var origin: RequestOrigin?

    /// A broadcast with its number.
    public init(
        offset: UInt64,
        event: String,
        requestId: String,
        recipients: Recipients,
        payload: Payload,
        origin: RequestOrigin? = nil
    ) {
        self.offset = offset
        self.event = event
        self.requestId = requestId
        self.recipients = recipients
        self.payload = payload
        self.origin = origin
    }

    /// The memory it takes, roughly.
    package var cost: Int {
        let ids: Int =
            switch self.recipients {
            case .all: 0
            case .allExcept(let id): id.utf8.count
            case .users(let ids): ids.reduce(0) { $0 + $1.utf8.count + 16 }
            }
        let texts = self.event.utf8.count + self.requestId.utf8.count + (self.origin?.requestId.utf8.count ?? 0)
        return 192 + self.payload.bytes.count + texts + ids
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
