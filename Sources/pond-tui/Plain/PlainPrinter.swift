internal import PondKit

/// The chat as lines of text or of JSON: what has been added to a model since the last call. Pure.
struct PlainPrinter {
    let isJSON: Bool
    private var rooms: [String: Seen] = [:]
    private var stateLogCount = 0
    private var hint: String?
    private var hasAsked = false

    private struct Seen {
        var highest = 0
        /// Own messages seen while they waited.
        var waiting: Set<Int> = []
    }

    init(isJSON: Bool) { self.isJSON = isJSON }

    /// What is new in a model.
    mutating func lines(_ model: Model) -> [String] {
        var lines: [String] = []
        let fresh = model.stateLogTotal - self.stateLogCount
        for entry in model.stateLog.suffix(max(0, fresh)) { lines.append(self.line(entry, model)) }
        self.stateLogCount = model.stateLogTotal
        for room in model.rooms { self.append(room, model, to: &lines) }
        if model.hint != self.hint {
            self.hint = model.hint
            if let hint = model.hint { lines.append(self.note(hint)) }
        }
        switch model.overlay {
        case .text(let title, let text, _): lines += self.page(title, text)
        case .found(let found): lines += self.page(found.title, found.lines(secondsEast: model.secondsEast))
        case .help(let filter, _):
            lines += Help.lines(filter: filter, keyMap: model.keyMap).map {
                self.note($0.term.isEmpty ? $0.text : PageLayout.pad($0.term, 28) + $0.text)
            }
        case .quit where !self.hasAsked:
            lines.append(
                self.note("\(Counted.being(model.outbox.entries.count, "message")) not sent; /quit again leaves")
            )
        default: break
        }
        self.hasAsked = model.overlay == .quit
        return lines
    }

    private func page(_ title: String, _ text: [String]) -> [String] {
        if self.isJSON {
            return [self.json(["type": "text", "title": .string(title), "lines": .array(text.map(JSON.string))])]
        }
        return ([title] + text).map { "\t" + TextSanitiser.plain($0) }
    }

    private mutating func append(_ room: Room, _ model: Model, to lines: inout [String]) {
        var seen = self.rooms[room.name] ?? Seen()
        guard room.timeline.lastKey > seen.highest || !seen.waiting.isEmpty else { return }
        for item in room.timeline.items where item.key > seen.highest || seen.waiting.contains(item.key) {
            if item.isPending {
                seen.waiting.insert(item.key)
            } else {
                seen.waiting.remove(item.key)
                lines.append(self.line(item, room, model))
            }
        }
        // One that was taken back is not waited for any more.
        seen.waiting = seen.waiting.filter { room.timeline.index(ofKey: $0) != nil }
        seen.highest = room.timeline.lastKey
        self.rooms[room.name] = seen
    }

    private func line(_ item: TimelineItem, _ room: Room, _ model: Model) -> String {
        if self.isJSON {
            var object: JSONObject = ["time": .int(item.time.milliseconds), "room": .string(room.title)]
            switch item.content {
            case .message(let message):
                object = JSONObject([("type", "message"), ("id", .string(message.id))]).merging(object)
                object["nick"] = .string(message.author)
                object["text"] = .string(message.text)
                if message.kind != .text { object["kind"] = .string(message.kind.rawValue) }
                if let replyTo = message.replyTo { object["replyTo"] = .string(replyTo) }
            case .presence(let name, let joined, _):
                object = JSONObject([("type", "presence")]).merging(object)
                object["nick"] = .string(name)
                object["change"] = .string(joined ? "join" : "leave")
            case .notice(let text, _):
                object = JSONObject([("type", "notice")]).merging(object)
                object["text"] = .string(text)
            }
            return self.json(object)
        }
        let civil = model.civil(item.time)
        let head = "\(civil.isoDay)T\(civil.clockWithSeconds)\t\(TextSanitiser.plain(room.title))\t"
        switch item.content {
        case .message(let message):
            let text = TextSanitiser.plain(message.text)
            return head + TextSanitiser.plain(message.author) + "\t" + (message.kind == .action ? "* " : "") + text
        case .presence(let name, let joined, _):
            return head + "--\t\(TextSanitiser.plain(name)) \(joined ? "joined" : "left")"
        case .notice(let text, _): return head + "!\t" + TextSanitiser.plain(text)
        }
    }

    private func line(_ entry: StateLogEntry, _ model: Model) -> String {
        let machine = entry.room.map { "#" + $0 } ?? "conn"
        if self.isJSON {
            return self.json([
                "type": "state", "time": .int(entry.time.milliseconds), "machine": .string(machine),
                "state": .string(entry.state), "detail": .string(entry.detail),
            ])
        }
        let detail = entry.detail.isEmpty ? "" : " " + TextSanitiser.plain(entry.detail)
        return "STATE \(TextSanitiser.plain(machine)) \(entry.state)\(detail)"
    }

    private func note(_ text: String) -> String {
        self.isJSON ? self.json(["type": "note", "text": .string(text)]) : "NOTE " + TextSanitiser.plain(text)
    }

    /// JSON keeps every text whole; what a terminal could act upon is written as an escape.
    private func json(_ object: JSONObject) -> String {
        var result = ""
        for scalar in JSON.object(object).text.unicodeScalars {
            let value = scalar.value
            if value >= 0x20,
                value < 0x7F
                    || (value >= 0xA0 && !scalar.properties.isDefaultIgnorableCodePoint
                        && scalar.properties.generalCategory != .format
                        && !(0x202A...0x202E).contains(value) && value != 0x2028 && value != 0x2029)
            {
                result.unicodeScalars.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        return result
    }
}
