/// Choosing a message with the keys, and what can be done with it.
extension Update {
    /// Chooses the newest message in sight.
    mutating func beginSelection() {
        self.model.results = nil
        guard let room = self.model.current else { return }
        let keys = self.model.selectableKeys(in: room)
        let shown = self.keysInSight(room)
        guard let key = keys.last(where: { shown.contains($0) }) ?? keys.last else {
            self.model.hint = "no message here to choose"
            return
        }
        self.model.machines.isOpen = false
        self.model.overlay = .selection(Selection(key: key))
    }

    mutating func pressInSelection(_ key: Key, _ selection: Selection, _ isCancel: Bool) {
        self.model.hint = nil
        guard let item = self.model.selectedItem, let message = item.message else {
            self.model.overlay = nil
            return
        }
        var next = selection
        next.isRemovalAsked = false
        self.model.overlay = .selection(next)
        guard !isCancel, self.model.keyMap.match([key]) != .action(.selectMessage) else {
            self.model.overlay = self.model.results.map(Overlay.found)
            return
        }
        guard key.modifiers.isEmpty || key.modifiers == .shift else {
            // A key with Ctrl or Alt means what it always means.
            self.model.overlay = nil
            return self.press(key)
        }
        switch key.code {
        case .up, .character("k"): self.moveSelection(by: -1)
        case .down, .character("j"): self.moveSelection(by: 1)
        case .pageUp: self.moveSelection(by: -10)
        case .pageDown: self.moveSelection(by: 10)
        case .home, .character("g"): self.moveSelection(by: -Timeline.capacity * 2)
        case .end, .character("G"): self.moveSelection(by: Timeline.capacity * 2)
        case .character("r"), .enter: self.beginReply(to: message)
        case .character("e"): self.beginEdit(of: message)
        case .character("d"): self.removeSelected(message, isSure: selection.isRemovalAsked)
        case .character("t"): self.takeBack(message)
        case .character("s"): self.sendAgain(message)
        case .character("c"): self.copySelected(message)
        case .character("o"): self.openSelected(item, number: 1)
        case .character(let digit) where digit.isASCII && digit.wholeNumberValue.map { $0 > 0 } == true:
            self.openSelected(item, number: digit.wholeNumberValue ?? 1)
        case .character("a"): self.goToAnswered(message)
        case .character("q"): self.model.overlay = nil
        default: break
        }
    }

    private mutating func moveSelection(by step: Int) {
        guard case .selection(var selection) = self.model.overlay, let room = self.model.current else { return }
        let keys = self.model.selectableKeys(in: room)
        guard let place = keys.lastIndex(of: selection.key) else { return }
        let wanted = max(0, min(place + step, keys.count - 1))
        if place + step < 0, room.history == .more || room.history == .unknown { self.requestHistory(room.name) }
        selection.key = keys[wanted]
        self.model.overlay = .selection(selection)
    }

    /// The entries of which the pane shows a row.
    private func keysInSight(_ room: Room) -> Set<Int> {
        let layout = self.model.layout(self.model.size)
        let lines = self.model.timelineLayout(room, layout).lines(rows: layout.timeline.rows)
        return Set(lines.compactMap(\.key))
    }

    /// Scrolls no more than needed for the chosen message to be seen; whatever arrives must not push it away.
    mutating func keepSelectionInSight() {
        guard case .selection(let selection) = self.model.overlay, let room = self.model.current else { return }
        guard let place = room.timeline.index(ofKey: selection.key) else {
            self.model.overlay = nil
            return
        }
        let layout = self.model.layout(self.model.size)
        let rows = layout.timeline.rows
        let timeline = self.model.timelineLayout(room, layout)
        let lines = timeline.lines(rows: rows)
        let needed = min(rows, timeline.lines(of: room.timeline.items[place]).count)
        guard rows > 0, lines.count(where: { $0.key == selection.key }) < needed else { return }
        let top = lines.lazy.compactMap(\.key).first.flatMap { room.timeline.index(ofKey: $0) } ?? 0
        var anchor: ScrollAnchor?
        if place <= top {
            anchor = timeline.anchor(beginningAt: selection.key, pane: rows)
        } else if place < room.timeline.items.count - 1 {
            anchor = ScrollAnchor(key: selection.key)
        }
        self.withCurrent { $0.scroll = anchor }
        if anchor == nil { self.readCurrent() }
    }

    // MARK: What is done with it

    private mutating func beginReply(to message: ChatMessage) {
        guard !message.isRemoved, !self.model.outbox.isBeingRemoved(message.id) else {
            self.model.hint = "that message is removed"
            return
        }
        // What was begun to be written becomes the reply.
        let text = self.model.editor.characters.first == "/" ? "" : self.model.editor.text
        self.model.overlay = nil
        self.model.editor.replace(with: "/reply " + text)
        self.withCurrent { room in
            room.choice = MessageChoice(command: .reply, selector: "", id: message.id, isLoaded: true)
        }
    }

    private mutating func beginEdit(of message: ChatMessage) {
        if let fault = self.editFault(message) {
            self.model.hint = fault
            return
        }
        self.model.overlay = nil
        self.load(message)
    }

    private mutating func removeSelected(_ message: ChatMessage, isSure: Bool) {
        guard isSure else {
            guard case .selection(var selection) = self.model.overlay else { return }
            selection.isRemovalAsked = true
            self.model.overlay = .selection(selection)
            self.model.hint = "d again removes \(self.model.words(message))"
            return
        }
        self.selectNeighbour()
        if let entry = self.model.outbox.entry(message.id) {
            self.drop(String(entry.number))
        } else {
            self.remove(message, reason: nil)
        }
    }

    /// Takes a message that is not sent yet out of the queue and into the input line.
    private mutating func takeBack(_ message: ChatMessage) {
        guard let entry = self.model.outbox.entry(message.id) else {
            self.model.hint = "it is sent; e edits it"
            return
        }
        guard entry.isHere else {
            self.model.hint = "it may have arrived: it cannot be taken back; e edits it, d removes it"
            return
        }
        guard self.model.editor.isEmpty else {
            self.model.hint = "the input line is not empty: send or empty it first"
            return
        }
        self.model.overlay = nil
        self.discard(entry)
        guard case .message(let kind, let replyTo) = entry.purpose else { return }
        if let replyTo, self.model.current?.timeline.message(replyTo) != nil {
            self.model.editor.replace(with: "/reply " + entry.text)
            self.withCurrent { room in
                room.choice = MessageChoice(command: .reply, selector: "", id: replyTo, isLoaded: true)
            }
        } else if kind == .action {
            self.model.editor.replace(with: "/me " + entry.text)
        } else {
            self.model.editor.replace(with: (entry.text.hasPrefix("/") ? "/" : "") + entry.text)
        }
        self.model.hint = "taken back; it is not sent"
        self.pump()
    }

    private mutating func sendAgain(_ message: ChatMessage) {
        guard let entry = self.model.outbox.entry(message.id) else {
            self.model.hint = "it is sent"
            return
        }
        self.retry(String(entry.number))
    }

    private mutating func copySelected(_ message: ChatMessage) {
        guard !message.isRemoved else {
            self.model.hint = "that message is removed"
            return
        }
        self.effects.append(.copy(message.text))
        self.model.hint = "copied"
    }

    private mutating func openSelected(_ item: TimelineItem, number: Int) {
        guard item.links.indices.contains(number - 1) else {
            self.model.hint = item.links.isEmpty ? "no link in this message" : "this message has no link \(number)"
            return
        }
        self.open(String(item.links[number - 1].number))
    }

    private mutating func goToAnswered(_ message: ChatMessage) {
        guard let id = message.replyTo else {
            self.model.hint = "this message answers no other"
            return
        }
        guard let room = self.model.current, let place = room.timeline.index(ofMessage: id) else {
            self.model.hint = "the message it answers is not loaded; g goes to the oldest that is"
            return
        }
        self.model.overlay = .selection(Selection(key: room.timeline.items[place].key))
    }

    /// Chooses the message before, or after, one that goes away.
    private mutating func selectNeighbour() {
        guard case .selection(let selection) = self.model.overlay, let room = self.model.current else { return }
        let keys = self.model.selectableKeys(in: room)
        guard let place = keys.lastIndex(of: selection.key), keys.count > 1 else { return }
        self.model.overlay = .selection(Selection(key: place > 0 ? keys[place - 1] : keys[1]))
    }
}
