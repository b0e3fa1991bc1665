/// Commands about rooms.
extension Update {
    mutating func runOnRoom(_ command: Command, _ argument: String) {
        if command == .move {
            guard let number = Int(argument), let index = self.model.currentIndex else {
                self.model.hint = "usage: /move N"
                return
            }
            let room = self.model.rooms.remove(at: index)
            self.model.rooms.insert(room, at: min(max(0, number - 1), self.model.rooms.count))
            self.effects.append(.save)
            return
        }
        if command == .switch, argument.isEmpty {
            self.model.overlay = .switcher(query: "", selected: 0)
            return
        }
        guard let index = self.roomIndex(argument) else {
            self.model.hint =
                argument.isEmpty ? "no room yet: /join #lobby" : "no room \(TextSanitiser.plain(argument))"
            return
        }
        let name = self.model.rooms[index].name
        switch command {
        case .leave: self.request(.leave(room: name))
        case .rejoin: self.request(.join(room: name))
        case .close: self.close(index)
        case .pin: self.pin(index)
        case .switch: self.go(to: name)
        case .clear: self.model.rooms[index].timeline.clear()
        case .mark:
            self.model.rooms[index].marker = self.model.rooms[index].timeline.items.last { !$0.isPending }?.key
            self.model.hint = "marked: what comes from now on is new"
        default: break
        }
        self.effects.append(.save)
    }

    mutating func close(_ index: Int) {
        let room = self.model.rooms[index]
        guard self.model.outbox.entries(of: room.name).isEmpty else {
            self.model.hint = "\(room.title) has messages that are not sent: /queue, /drop"
            return
        }
        if room.state != .closed, room.state != .declined { self.request(.leave(room: room.name)) }
        self.model.rooms.remove(at: index)
        guard room.name == self.model.currentName else { return }
        self.model.currentName = nil
        let next =
            self.model.previousName.flatMap { self.model.index(of: $0) } ?? min(index, self.model.rooms.count - 1)
        if self.model.rooms.indices.contains(next) { self.go(to: self.model.rooms[next].name) }
    }

    mutating func pin(_ index: Int) {
        var room = self.model.rooms.remove(at: index)
        room.isPinned.toggle()
        let place = self.model.rooms.firstIndex { !$0.isPinned } ?? self.model.rooms.count
        self.model.rooms.insert(room, at: place)
    }

    mutating func topic(_ text: String) {
        guard let room = self.model.current else { return }
        if text.isEmpty {
            self.model.hint = room.topic.isEmpty ? "no topic" : "topic: \(TextSanitiser.plain(room.topic))"
        } else {
            self.request(.topic(room: room.name, text: text))
        }
    }
}
