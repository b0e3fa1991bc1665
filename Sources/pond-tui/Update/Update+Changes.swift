/// Commands that answer, change or remove a message, whether the server has it or not.
extension Update {
    /// Keeps the choice of the input line up to date: the same words keep meaning the same message.
    mutating func chooseMessage() {
        guard let index = self.model.currentIndex else { return }
        let room = self.model.rooms[index]
        guard room.editor.characters.first == "/",
            case .command(let command, let argument) = InputLine(room.editor.text)
        else {
            if room.choice != nil { self.model.rooms[index].choice = nil }
            return
        }
        if let choice = room.choice, choice.isLoaded, choice.command == command { return }
        guard let selector = MessageChoice.selector(command, argument) else {
            if room.choice != nil { self.model.rooms[index].choice = nil }
            return
        }
        if let choice = room.choice, choice.command == command, choice.selector == selector { return }
        self.model.rooms[index].choice = self.model.message(selector, in: room).map {
            MessageChoice(command: command, selector: selector, id: $0.id)
        }
    }

    /// The message that a command is about: the one shown beside the input line, else the one its words name now.
    private func chosen(_ command: Command, _ selector: String, in room: Room) -> ChatMessage? {
        if let choice = self.choice, choice.command == command, choice.isLoaded || choice.selector == selector {
            return room.timeline.message(choice.id)
        }
        return self.model.message(selector, in: room)
    }

    /// `/reply nick text`, `/reply N text`, `/reply #N text`
    mutating func reply(_ argument: String) {
        let isLoaded = self.choice?.command == .reply && self.choice?.isLoaded == true
        let words = argument.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true).map(String.init)
        let whom = isLoaded ? "" : words.first ?? ""
        let text = isLoaded ? argument : words.count > 1 ? words[1] : ""
        guard let room = self.model.current, !text.isEmpty else {
            self.model.hint = "usage: /reply nick text, or /reply N text for the Nth last message"
            return
        }
        guard let target = self.chosen(.reply, whom, in: room) else {
            self.model.hint =
                isLoaded
                ? "that message is not here any more"
                : "no message \(MessageChoice.isNumber(whom) ? "" : "of ")\(TextSanitiser.plain(whom)) here"
            return
        }
        guard !target.isRemoved, !self.model.outbox.isBeingRemoved(target.id) else {
            self.model.hint = "that message is removed"
            return
        }
        self.say(text, replyTo: target.id)
    }

    /// `/edit text` changes the user's last message; `/edit`, `/edit N` and `/edit #N` bring a message into the line.
    mutating func edit(_ argument: String) {
        guard let room = self.model.current else { return }
        let isLoaded = self.choice?.command == .edit && self.choice?.isLoaded == true
        let selector = isLoaded ? "" : MessageChoice.selector(.edit, argument) ?? ""
        guard let target = self.chosen(.edit, selector, in: room) else {
            self.model.hint =
                isLoaded
                ? "that message is not here any more"
                : selector.isEmpty ? "you have no message here to edit" : "no message \(selector) here"
            return
        }
        if let fault = self.editFault(target) {
            self.model.hint = fault
            return
        }
        guard isLoaded || (!argument.isEmpty && selector.isEmpty) else { return self.load(target) }
        guard !argument.isEmpty else {
            self.model.hint = "a message needs a text; /remove takes it away"
            return
        }
        if let fault = Self.fault(inMessage: argument) {
            self.load(target, text: argument)
            self.model.hint = fault
            return
        }
        self.change(target, to: argument, in: room.name)
    }

    /// What keeps the user from changing a message; `nil` when nothing does.
    func editFault(_ target: ChatMessage) -> String? {
        guard target.author == self.model.nick, target.kind != .notice else {
            return "not yours: " + self.model.words(target)
        }
        return target.isRemoved || self.model.outbox.isBeingRemoved(target.id) ? "that message is removed" : nil
    }

    /// Brings a message into the input line, to be changed there.
    mutating func load(_ message: ChatMessage, text: String? = nil) {
        let current = self.model.outbox.change(of: message.id)?.text ?? message.text
        self.model.editor.replace(with: "/edit " + (text ?? current))
        self.withCurrent { room in
            room.choice = MessageChoice(command: .edit, selector: "", id: message.id, isLoaded: true)
        }
        self.model.hint = "editing " + self.model.words(message)
    }

    private mutating func change(_ target: ChatMessage, to text: String, in room: String) {
        if let entry = self.model.outbox.entry(target.id), entry.isHere {
            // Nobody else has it: it is sent with the new text.
            self.rewrite(entry, to: text)
            if entry.state == .held {
                self.model.hint = "#\(entry.number) is changed; /retry \(entry.number) sends it"
            }
        } else if let change = self.model.outbox.change(of: target.id), change.isHere {
            self.model.outbox.rewrite(change.id, to: text)
            self.keep(change.id)
        } else {
            self.enqueue(.edit(of: target.id), text: text, in: room)
        }
        self.pump()
    }

    mutating func rewrite(_ entry: OutboxEntry, to text: String) {
        self.model.outbox.rewrite(entry.id, to: text)
        self.with(entry.room) { $0.timeline.rewrite(pending: entry.id, to: text) }
        self.keep(entry.id)
    }

    /// `/remove`, `/remove N why`, `/remove #N why`, `/remove nick why`
    mutating func remove(_ argument: String) {
        guard let room = self.model.current else { return }
        let words = argument.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true).map(String.init)
        guard let target = self.chosen(.remove, words.first ?? "", in: room) else {
            self.model.hint = "no such message here"
            return
        }
        self.remove(target, reason: words.count > 1 ? words[1] : nil)
    }

    mutating func remove(_ target: ChatMessage, reason: String?) {
        guard let room = self.model.current else { return }
        guard !target.isRemoved, !self.model.outbox.isBeingRemoved(target.id) else {
            self.model.hint = "that message is removed already"
            return
        }
        let name = self.model.words(target)
        if let entry = self.model.outbox.entry(target.id), entry.isHere {
            self.discard(entry)
            self.model.hint = "not sent any more: " + name
        } else {
            // What was to become of it before it is removed does not matter any more.
            for id in self.model.outbox.dropChanges(of: target.id) { self.effects.append(.keep(.dropped(id))) }
            self.enqueue(.removal(of: target.id, reason: reason), text: "", in: room.name)
            self.model.hint = "removing " + name
        }
        self.pump()
    }

    /// Takes a message or a change of one out of the queue, with what was to follow it.
    mutating func discard(_ entry: OutboxEntry) {
        for id in self.model.outbox.drop(entry.id) {
            self.with(entry.room) { $0.timeline.remove(message: id) }
            self.effects.append(.keep(.dropped(id)))
        }
        self.effects.append(.save)
    }

    /// Puts a message or a change of one into the queue.
    @discardableResult
    mutating func enqueue(_ purpose: OutboxEntry.Purpose, text: String, in room: String) -> OutboxEntry {
        let id = self.newID()
        let entry = self.model.outbox.add(id: id, room: room, text: text, purpose: purpose, at: self.model.now)
        self.effects.append(.keep(.entry(entry)))
        return entry
    }

    private mutating func keep(_ id: String) {
        if let entry = self.model.outbox.entry(id) { self.effects.append(.keep(.entry(entry))) }
    }

    /// The server did not take a message: what was to follow it is done to it here. Gives back whether the message is
    /// to be sent again by that, or is not wanted any more.
    mutating func applyChanges(to entry: OutboxEntry) -> Bool {
        guard let change = self.model.outbox.change(of: entry.id), change.isHere else { return false }
        switch change.purpose {
        case .message: return false
        case .removal: self.discard(entry)
        case .edit:
            for id in self.model.outbox.dropChanges(of: entry.id) { self.effects.append(.keep(.dropped(id))) }
            self.rewrite(entry, to: change.text)
            self.model.outbox.set(entry.id, .queued(notBefore: nil))
        }
        return true
    }
}
