public import PondCore

/// One change of what a client keeps in its store.
public enum OutboxChange: Sendable, Hashable {
    /// The server gave the client a session, or the session is lost.
    case session(StoredOutbox.Session?)
    /// A message will be sent. Replaces a message of the same id.
    case added(StoredOutbox.Message, channel: String)
    /// A message was delivered, failed, or was cancelled.
    case removed(id: String, channel: String)
    /// The client received the broadcasts of a channel up to a position.
    case position(StreamPosition, channel: String)
    /// The client left a channel, or the server ended its membership.
    case left(channel: String)
}

extension OutboxChange {
    /// The change as one JSON value.
    var json: JSON {
        switch self {
        case .session(let session):
            return [
                "do": "session", "token": session.map { .string($0.token) } ?? .null,
                "user": (session?.userId).map { .string($0) } ?? .null,
            ]
        case .added(let message, let channel):
            return [
                "do": "add", "channel": .string(channel), "id": .string(message.id),
                "request": .string(message.requestId), "event": .string(message.event),
                "payload": message.payload.json,
            ]
        case .removed(let id, let channel): return ["do": "remove", "channel": .string(channel), "id": .string(id)]
        case .position(let position, let channel):
            return [
                "do": "position", "channel": .string(channel), "epoch": .string(position.epoch),
                "offset": .uint(position.offset),
            ]
        case .left(let channel): return ["do": "leave", "channel": .string(channel)]
        }
    }

    /// The change that `json` describes; `nil` where it describes none.
    init?(_ json: JSON) {
        let channel = json["channel"]?.string
        switch (json["do"]?.string, channel) {
        case ("session", _):
            self = .session(
                json["token"]?.string.map { StoredOutbox.Session(token: $0, userId: json["user"]?.string) }
            )
        case ("add", let channel?):
            guard let id = json["id"]?.string, let request = json["request"]?.string,
                let event = json["event"]?.string, let payload = json["payload"]
            else { return nil }
            let message = StoredOutbox.Message(id: id, requestId: request, event: event, payload: Payload(payload))
            self = .added(message, channel: channel)
        case ("remove", let channel?):
            guard let id = json["id"]?.string else { return nil }
            self = .removed(id: id, channel: channel)
        case ("position", let channel?):
            guard let epoch = json["epoch"]?.string, let offset = json["offset"]?.offset else { return nil }
            self = .position(StreamPosition(epoch: epoch, offset: offset), channel: channel)
        case ("leave", let channel?): self = .left(channel: channel)
        default: return nil
        }
    }
}
