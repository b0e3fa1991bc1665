internal import PondKit

/// The last messages of each room as a file, so that a start without a network has something to show.
enum KeptScreens {
    /// So many messages of a room, and so many bytes of their texts.
    private static let messages = 60
    private static let textBytes = 64 * 1024
    /// So many rooms.
    private static let rooms = 100
    /// A file larger than this is not read.
    static let fileBytes = 32 << 20

    /// What tells one content of the file from another.
    struct Signature: Hashable, Sendable {
        var room: String
        var newest: String
        var changes: Int
    }

    static func signature(of model: Model) -> [Signature] {
        model.rooms.compactMap { room in
            let kept = Self.kept(of: room)
            guard let newest = kept.last else { return nil }
            let changes = kept.reduce(into: Hasher()) { hasher, message in
                hasher.combine(message.id)
                hasher.combine(message.text)
            }
            return Signature(room: room.name, newest: newest.id, changes: changes.finalize())
        }
    }

    /// The file's bytes. Rooms that the server has not told anything of yet keep what they had.
    static func bytes(of model: Model) -> [UInt8] {
        let rooms = model.rooms.prefix(Self.rooms).compactMap { room -> JSON? in
            let messages = Self.kept(of: room)
            guard !messages.isEmpty else { return nil }
            var object: JSONObject = [
                "name": .string(room.name), "messages": .array(messages.map(Self.json)),
                "asOf": .int((room.timeline.oldSince ?? model.now).milliseconds),
            ]
            if !room.topic.isEmpty { object["topic"] = .string(room.topic) }
            return .object(object)
        }
        return Array(JSON.object(["version": 1, "rooms": .array(rooms)]).text.utf8)
    }

    /// Puts what a file has into the rooms of a model; what makes no sense is left out.
    static func restore(_ bytes: [UInt8], into model: inout Model) {
        guard let json = try? JSON(parsing: bytes), json["version"]?.int == 1 else { return }
        for saved in (json["rooms"]?.array ?? []).prefix(Self.rooms) {
            guard let name = saved["name"]?.string, let index = model.index(of: name),
                let asOf = saved["asOf"]?.int.map({ WallTime(milliseconds: Int64(clamping: $0)) })
            else { continue }
            let messages = (saved["messages"]?.array ?? []).prefix(Self.messages).compactMap(Self.message)
            let civil = model.civil(asOf)
            model.rooms[index].timeline.restore(
                messages,
                note: "kept from \(civil.shortDay) \(civil.clock), not live",
                at: asOf
            )
            if model.rooms[index].topic.isEmpty {
                model.rooms[index].topic = TextSanitiser.clipped(saved["topic"]?.string ?? "", to: 500)
            }
        }
    }

    /// The newest confirmed messages, oldest first, within the bounds.
    private static func kept(of room: Room) -> [ChatMessage] {
        var bytes = 0
        var kept: [ChatMessage] = []
        for item in room.timeline.items.reversed() {
            guard let message = item.message, !message.isPending else { continue }
            bytes += message.text.utf8.count
            guard kept.count < Self.messages, bytes <= Self.textBytes else { break }
            kept.append(message)
        }
        return kept.reversed()
    }

    private static func json(_ message: ChatMessage) -> JSON {
        var object: JSONObject = [
            "id": .string(message.id), "by": .string(message.author), "at": .int(message.time.milliseconds),
            "text": .string(message.text),
        ]
        if message.kind != .text { object["kind"] = .string(message.kind.rawValue) }
        if let replyTo = message.replyTo { object["replyTo"] = .string(replyTo) }
        if message.isEdited { object["edited"] = true }
        if message.isRemoved { object["removed"] = true }
        return .object(object)
    }

    private static func message(_ json: JSON) -> ChatMessage? {
        guard let id = json["id"]?.string, let author = json["by"]?.string, let text = json["text"]?.string,
            let at = json["at"]?.int
        else { return nil }
        var message = ChatMessage(
            id: id,
            author: TextSanitiser.clipped(author, to: 100),
            text: TextSanitiser.clipped(text, to: ChatMessage.longestText),
            time: WallTime(milliseconds: Int64(clamping: at)),
            kind: json["kind"]?.string.flatMap(ChatMessage.Kind.init) ?? .text,
            replyTo: json["replyTo"]?.string
        )
        message.isEdited = json["edited"]?.bool ?? false
        message.isRemoved = json["removed"]?.bool ?? false
        return message
    }
}

extension Timeline {
    /// When what is shown as old was live; `nil` where nothing is.
    var oldSince: WallTime? { self.items.last(where: \.isOld)?.time }
}
