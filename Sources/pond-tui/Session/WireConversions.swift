internal import PondChat
internal import PondKit

extension ChatMessage {
    /// More scalars than any server takes; what is longer is cut before it is kept.
    static let longestText = 16_384

    /// A message as the server tells it.
    init(_ message: PondChat.ChatMessage, offset: UInt64? = nil) {
        let kind: Kind =
            switch message.kind {
            case .text: .text
            case .action: .action
            case .notice: .notice
            }
        self.init(
            id: message.id.text,
            author: message.sender.text,
            text: TextSanitiser.clipped(message.text, to: Self.longestText),
            time: WallTime(milliseconds: message.at.milliseconds),
            kind: kind,
            replyTo: message.replyTo?.text,
            isEdited: message.editedAt != nil,
            offset: offset.map { Int64(clamping: $0) }
        )
    }
}

extension Person {
    /// A presence as the server tells it; `nil` when it has no name.
    init?(_ presence: JSON) {
        guard let name = presence["name"]?.string, !name.isEmpty else { return nil }
        let status: Status =
            switch presence["status"]?.string.flatMap(UserStatus.init) {
            case .away: .away
            case .busy: .busy
            case .online, nil: .available
            }
        let role = presence["role"]?.string.flatMap(ChatRole.init)
        self.init(
            name: TextSanitiser.clipped(name, to: 100),
            status: status,
            note: TextSanitiser.clipped(presence["statusText"]?.string ?? "", to: 200),
            since: presence["since"]?.int.map { WallTime(milliseconds: Int64(clamping: $0)) },
            role: role.flatMap { $0 == .user ? nil : $0.rawValue }
        )
    }
}

extension KnownPerson {
    /// Somebody as the server knows them.
    init(_ person: WhoIs) {
        self.init(
            name: person.name.text,
            role: person.role == .user ? nil : person.role.rawValue,
            isClaimed: person.claimed,
            devices: PeerNumber.count(person.devices),
            rooms: person.rooms.prefix(500).map(\.text),
            lastSeen: person.lastSeen.map { WallTime(milliseconds: $0.milliseconds) }
        )
    }
}

extension ListedRoom {
    /// A room as the server lists it.
    init(_ room: RoomInfo) {
        self.init(
            name: room.room.text,
            topic: TextSanitiser.clipped(room.topic, to: 500),
            members: PeerNumber.count(room.members)
        )
    }
}

extension SessionEvent.ReadMark {
    /// A mark as the server tells it.
    init(_ state: ReadState) {
        self.init(
            upTo: state.upTo?.text,
            unread: PeerNumber.count(state.unread),
            mentions: PeerNumber.count(state.mentions)
        )
    }
}
