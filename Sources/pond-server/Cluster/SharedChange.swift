import PondChat
import PondKit

/// A change that all nodes make to what they remember. Exactly one of the fields is there.
struct SharedChange: ChatPayload {
    static let event = "change"

    struct Imposed: Codable, Sendable, Hashable {
        var isBan: Bool
        var channel: String?
        var user: UserName
        var until: ChatTime?
        var reason: String?
        var by: UserName
        var at: ChatTime
    }

    struct Lifted: Codable, Sendable, Hashable {
        var isBan: Bool
        var channel: String?
        var user: UserName
    }

    struct Room: Codable, Sendable, Hashable {
        var room: RoomName
        var topic: String
        var slowSeconds: Int
        var permanent: Bool
        var at: ChatTime
    }

    struct Role: Codable, Sendable, Hashable {
        var user: UserName
        var role: ChatRole
        var at: ChatTime
    }

    struct Password: Codable, Sendable, Hashable {
        var user: UserName
        /// As it is stored, never the password itself.
        var hash: String
        var at: ChatTime
    }

    struct Mark: Codable, Sendable, Hashable {
        var user: UserName
        var channel: String
        var upTo: MessageID
    }

    struct Addresses: Codable, Sendable, Hashable {
        var range: String
        var until: ChatTime?
        var reason: String?
        var at: ChatTime
    }

    /// The node that made it first.
    var node = ""
    var imposed: Imposed?
    var lifted: Lifted?
    var room: Room?
    var role: Role?
    var password: Password?
    var mark: Mark?
    var banned: Addresses?
    /// Addresses that are banned no more.
    var unbanned: String?
}

extension SharedChange {
    static func impose(_ sanction: Sanction) -> SharedChange {
        SharedChange(
            imposed: Imposed(
                isBan: sanction.kind == .ban,
                channel: sanction.channel?.path,
                user: sanction.user,
                until: sanction.until,
                reason: sanction.reason,
                by: sanction.by,
                at: sanction.at
            )
        )
    }

    static func impose(_ ban: AddressBan) -> SharedChange {
        SharedChange(
            banned: Addresses(range: ban.range.description, until: ban.until, reason: ban.reason, at: ban.at)
        )
    }

    static func lift(_ kind: Sanction.Kind, of user: UserName, in channel: ChatChannel?) -> SharedChange {
        SharedChange(lifted: Lifted(isBan: kind == .ban, channel: channel?.path, user: user))
    }

    static func save(_ room: StoredRoom, at now: ChatTime) -> SharedChange {
        SharedChange(
            room: Room(
                room: room.room,
                topic: room.topic,
                slowSeconds: room.slowSeconds,
                permanent: room.permanent,
                at: now
            )
        )
    }
}

extension SharedChange.Imposed {
    var sanction: Sanction {
        Sanction(
            kind: self.isBan ? .ban : .mute,
            channel: self.channel.flatMap(ChatChannel.init(path:)),
            user: self.user,
            until: self.until,
            reason: self.reason,
            by: self.by,
            at: self.at
        )
    }
}

extension SharedChange.Addresses {
    var ban: AddressBan? {
        AddressRange(self.range).map { AddressBan(range: $0, until: self.until, reason: self.reason, at: self.at) }
    }
}

extension SharedChange.Room {
    var stored: StoredRoom {
        StoredRoom(room: self.room, topic: self.topic, slowSeconds: self.slowSeconds, permanent: self.permanent)
    }
}
