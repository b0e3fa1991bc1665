internal import PondKit

/// What is kept from run to run: rooms, drafts, read markers, input history, unsent messages.
struct SavedState: Sendable, Hashable {
    private let json: JSON

    /// The state of a model.
    init(_ model: Model) {
        let rooms = model.rooms.map { room -> JSON in
            var object: JSONObject = ["name": .string(room.name), "joined": .bool(room.state != .closed)]
            if room.isMuted { object["muted"] = true }
            if room.isPinned { object["pinned"] = true }
            if !room.editor.isEmpty, InputLine.secretStart(room.editor.text) == nil {
                object["draft"] = .string(room.editor.text)
            }
            if let id = room.lastReadID { object["read"] = .string(id) }
            let lines = room.inputHistory.lines.suffix(50)
            if !lines.isEmpty { object["history"] = .array(lines.map(JSON.string)) }
            return .object(object)
        }
        let outbox = model.outbox.entries.map { entry -> JSON in
            var object: JSONObject = [
                "id": .string(entry.id), "room": .string(entry.room), "text": .string(entry.text),
                "kind": .string(entry.kind.rawValue), "created": .int(entry.created.milliseconds),
            ]
            if let replyTo = entry.replyTo { object["replyTo"] = .string(replyTo) }
            if let editOf = entry.editOf { object["editOf"] = .string(editOf) }
            return .object(object)
        }
        var object: JSONObject = ["version": 1, "rooms": .array(rooms), "outbox": .array(outbox)]
        if let current = model.currentName { object["current"] = .string(current) }
        if let token = model.identity?.token, model.keepsToken {
            object["token"] = .string(token)
            object["nick"] = .string(model.nick)
        }
        self.json = .object(object)
    }

    /// The state in a file's bytes, or `nil` when they are none.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), json["version"]?.int == 1 else { return nil }
        self.json = json
    }

    var bytes: [UInt8] { Array(self.json.text.utf8) }

    /// What stands for the password of a name, or says that this is who had it a moment ago.
    func token(of nick: String) -> String? { self.json["nick"]?.string == nick ? self.json["token"]?.string : nil }

    /// Puts rooms, drafts, markers and unsent messages into a model. What was written more than five minutes ago
    /// waits for the user's word, so that no old lump goes out by surprise.
    func restore(into model: inout Model) {
        for saved in self.json["rooms"]?.array ?? [] {
            guard let name = saved["name"]?.string, Update.roomName(name) == name, model.index(of: name) == nil,
                saved["joined"]?.bool != false, model.rooms.count < 200
            else { continue }
            var room = Room(name)
            room.isMuted = saved["muted"]?.bool ?? false
            room.isPinned = saved["pinned"]?.bool ?? false
            room.editor = LineEditor(saved["draft"]?.string ?? "")
            room.lastReadID = saved["read"]?.string
            room.inputHistory = InputHistory(lines: (saved["history"]?.array ?? []).compactMap(\.string))
            model.rooms.append(room)
        }
        if let current = self.json["current"]?.string, model.index(of: current) != nil { model.currentName = current }
        if model.currentName == nil { model.currentName = model.rooms.first?.name }
        for saved in self.json["outbox"]?.array ?? [] {
            guard let id = saved["id"]?.string, let room = saved["room"]?.string, let text = saved["text"]?.string,
                let index = model.index(of: room), let created = saved["created"]?.int
            else { continue }
            let time = WallTime(milliseconds: Int64(created))
            let kind = saved["kind"]?.string.flatMap(ChatMessage.Kind.init) ?? .text
            let isOld = model.now - time > 300_000
            let entry = model.outbox.add(
                id: id,
                room: room,
                text: text,
                kind: kind,
                replyTo: saved["replyTo"]?.string,
                editOf: saved["editOf"]?.string,
                state: isOld ? .held : .queued(notBefore: nil),
                at: time
            )
            guard entry.editOf == nil else { continue }
            model.rooms[index].timeline.insert(
                ChatMessage(
                    id: id,
                    author: model.nick,
                    text: text,
                    time: time,
                    kind: kind,
                    replyTo: entry.replyTo,
                    isPending: true
                )
            )
        }
    }
}
