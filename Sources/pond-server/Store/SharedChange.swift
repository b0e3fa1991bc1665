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
        /// The person whom it makes the owner of the name, and since when they have it.
        var owner: String?
        var since: ChatTime?
    }

    /// A user, and since when something is so.
    struct Named: Codable, Sendable, Hashable {
        var user: UserName
        var at: ChatTime
    }

    struct Kicked: Codable, Sendable, Hashable {
        var user: UserName
        var reason: String
        var at: ChatTime
    }

    struct Token: Codable, Sendable, Hashable {
        var id: String
        /// When it would have ended anyway.
        var until: ChatTime
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
    var banned: Addresses?
    /// Addresses that are banned no more.
    var unbanned: String?
    /// The password and the role are taken off a name.
    var released: Named?
    /// Everything that a user said up to then is deleted, and the account.
    var erased: Named?
    /// The tokens of a user that were signed before are void.
    var tokensFrom: Named?
    /// One token is void.
    var voided: Token?
    /// A room and all that was said in it is gone.
    var forgotten: RoomName?
    /// Nothing that lasts: the connections of a user are closed.
    var kicked: Kicked?
}

extension SharedChange {
    /// What the change is about: the last one of a place is what holds. `nil` where nothing lasts.
    var place: String? {
        if let imposed = self.imposed {
            return Self.place(isBan: imposed.isBan, imposed.channel, imposed.user)
        }
        if let lifted = self.lifted { return Self.place(isBan: lifted.isBan, lifted.channel, lifted.user) }
        if let range = self.banned?.range ?? self.unbanned { return "address \(range)" }
        if let room = self.room?.room ?? self.forgotten { return "room \(room)" }
        if let role = self.role { return "role \(role.user.key)" }
        if let user = self.password?.user ?? self.released?.user { return "password \(user.key)" }
        if let erased = self.erased { return "erased \(erased.user.key)" }
        if let tokens = self.tokensFrom { return "tokens \(tokens.user.key)" }
        return self.voided.map { "token \($0.id)" }
    }

    private static func place(isBan: Bool, _ channel: String?, _ user: UserName) -> String {
        "\(isBan ? "ban" : "mute") \(channel ?? "") \(user.key)"
    }
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

extension SharedChange.Password {
    init(user: UserName, hash: String, at: ChatTime, owner: NameOwner) {
        self.init(user: user, hash: hash, at: at, owner: owner.id, since: owner.since)
    }

    var nameOwner: NameOwner {
        NameOwner(id: self.owner ?? NameOwner.ofAccount(self.user, tokensFrom: self.at), since: self.since ?? self.at)
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
