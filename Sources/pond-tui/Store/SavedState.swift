internal import PondKit

/// What is kept from run to run: rooms, drafts, read markers, input history, unsent messages.
struct SavedState: Sendable, Hashable {
    private let json: JSON

    /// What changed after it was written.
    private var records: [JSON] = []

    /// The state of a model, with everything up to a line of the journal.
    init(_ model: Model, journal: Int = 0) {
        let rooms = model.rooms.map { room -> JSON in
            var object: JSONObject = ["name": .string(room.name), "joined": .bool(room.state != .closed)]
            if room.isMuted { object["muted"] = true }
            if room.isPinned { object["pinned"] = true }
            if !room.editor.isEmpty, InputLine.secretStart(room.editor.text) == nil {
                object["draft"] = .string(room.editor.text)
            }
            if let choice = room.choice, choice.isLoaded { object["editing"] = .string(choice.id) }
            if let id = room.lastReadID { object["read"] = .string(id) }
            let lines = room.inputHistory.lines.suffix(50)
            if !lines.isEmpty { object["history"] = .array(lines.map(JSON.string)) }
            return .object(object)
        }
        var object: JSONObject = [
            "version": 1, "journal": .int(Int64(clamping: journal)), "rooms": .array(rooms),
            "outbox": .array(model.outbox.entries.map(\.json)),
        ]
        object["url"] = .string(model.url)
        object["user"] = .string(model.nick)
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

    /// The state of a file and what came after it in a journal; without a file what the journal alone says.
    init?(_ bytes: [UInt8]?, journal path: String) {
        guard let state = bytes.map(SavedState.init) ?? SavedState(Array(#"{"version":1}"#.utf8)) else { return nil }
        self = state
        self.records = StateJournal.records(path, after: state.journal)
        if bytes == nil, self.records.isEmpty { return nil }
    }

    /// Up to which line of the journal it has everything.
    var journal: Int { max(self.json["journal"]?.int ?? 0, self.records.last?["n"]?.int ?? 0) }

    var bytes: [UInt8] { Array(self.json.text.utf8) }

    /// What stands for the password of a name, or says that this is who had it a moment ago.
    func token(of nick: String) -> String? {
        let holder = self.records.last { $0["token"] != nil } ?? self.json
        return holder["nick"]?.string == nick ? holder["token"]?.string : nil
    }

    /// Puts rooms, drafts, markers and unsent messages into a model. What was written more than five minutes ago
    /// waits for the user's word, so that no old lump goes out by surprise.
    func restore(into model: inout Model) {
        for saved in self.json["rooms"]?.array ?? [] {
            guard let name = saved["name"]?.string, Room.name(typed: name) == name, model.index(of: name) == nil,
                saved["joined"]?.bool != false, model.rooms.count < 200
            else { continue }
            var room = Room(name)
            room.isMuted = saved["muted"]?.bool ?? false
            room.isPinned = saved["pinned"]?.bool ?? false
            room.restoreDraft(saved["draft"]?.string ?? "", editing: saved["editing"]?.string)
            room.lastReadID = saved["read"]?.string
            room.inputHistory = InputHistory(lines: (saved["history"]?.array ?? []).compactMap(\.string))
            model.rooms.append(room)
        }
        for record in self.records {
            guard let name = record["room"]?.string, let index = Self.index(of: name, in: &model) else { continue }
            if let draft = record["draft"]?.string {
                model.rooms[index].restoreDraft(draft, editing: record["editing"]?.string)
            }
        }
        if let current = self.json["current"]?.string, model.index(of: current) != nil { model.currentName = current }
        if model.currentName == nil { model.currentName = model.rooms.first?.name }
        for saved in self.outbox {
            guard let id = saved["id"]?.string, let room = saved["room"]?.string, let text = saved["text"]?.string,
                let index = Self.index(of: room, in: &model), let created = saved["created"]?.int
            else { continue }
            let time = WallTime(milliseconds: Int64(clamping: created))
            let entry = model.outbox.add(
                id: id,
                room: room,
                text: text,
                purpose: OutboxEntry.Purpose(saved),
                mayHaveArrived: saved["sent"]?.bool ?? false,
                wanted: saved["wanted"]?.int.map { WallTime(milliseconds: Int64(clamping: $0)) },
                at: time
            )
            guard case .message(let kind, let replyTo) = entry.purpose else { continue }
            model.rooms[index].timeline.insert(
                ChatMessage(
                    id: id,
                    author: model.nick,
                    text: text,
                    time: time,
                    kind: kind,
                    replyTo: replyTo,
                    isPending: true
                )
            )
        }
        for room in model.rooms { _ = model.outbox.holdOld(room: room.name, at: model.now) }
    }

    /// The entries of the queue, with what the journal says of them.
    private var outbox: [JSON] {
        var entries = self.json["outbox"]?.array ?? []
        var places: [String: Int] = [:]
        for (index, entry) in entries.enumerated() { if let id = entry["id"]?.string { places[id] = index } }
        for record in self.records {
            if let entry = record["entry"], let id = entry["id"]?.string {
                if let place = places[id] {
                    entries[place] = entry
                } else {
                    places[id] = entries.count
                    entries.append(entry)
                }
            } else if let id = record["dropped"]?.string, let place = places[id] {
                entries[place] = .null
            }
        }
        return entries
    }

    /// The place of a room, which is made where the state does not have it yet.
    private static func index(of name: String, in model: inout Model) -> Int? {
        if let index = model.index(of: name) { return index }
        guard Room.name(typed: name) == name, model.rooms.count < 200 else { return nil }
        model.rooms.append(Room(name))
        return model.rooms.count - 1
    }
}

extension Room {
    /// A draft of an earlier run; an edit or a reply that was begun still means its message.
    fileprivate mutating func restoreDraft(_ text: String, editing id: String?) {
        self.editor = LineEditor(text)
        let command: Command = if case .command(.reply, _) = InputLine(text) { .reply } else { .edit }
        self.choice = id.map { MessageChoice(command: command, selector: "", id: $0, isLoaded: true) }
    }
}
