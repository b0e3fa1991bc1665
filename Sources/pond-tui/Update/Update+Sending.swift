extension Update {
    /// Enter: the text in the editor is sent or done; what cannot be done stays in the editor.
    mutating func submitEditor() {
        let text = self.model.editor.text
        let line = InputLine(text)
        if let fault = line.fault {
            self.model.hint = fault
            return
        }
        switch line {
        case .empty: if text.isEmpty { self.scrollToBottom() }
        case .unknown, .ambiguous: break
        case .command(let command, let argument):
            self.choice = self.model.current?.choice
            self.finishInput(text)
            self.run(command, argument)
        case .text(let body):
            guard self.model.current != nil else {
                self.model.hint = "no room yet: /join #lobby"
                return
            }
            if let fault = Self.fault(inMessage: body) {
                self.model.hint = fault
                return
            }
            self.finishInput(text)
            self.say(body)
        }
    }

    /// A whole line from elsewhere: `--exec`, a pipe, the control socket.
    mutating func submit(_ line: String) {
        // A script that said `/quit` says nothing more.
        guard !self.model.isQuitting else { return }
        let input = InputLine(line)
        if self.model.overlay == .quit, input != .command(.quit, argument: "") { self.model.overlay = nil }
        if let fault = input.fault {
            self.reject(fault)
            return
        }
        switch input {
        case .empty, .unknown, .ambiguous: break
        case .command(let command, let argument):
            self.run(command, argument)
        case .text(let body):
            guard self.model.current != nil else {
                self.reject("no room yet: /join #lobby")
                return
            }
            for part in Self.parts(of: TextSanitiser.editable(body)) { self.say(part) }
        }
    }

    private mutating func reject(_ words: String) {
        self.model.hint = words
        self.model.rejectedLines += 1
    }

    private mutating func finishInput(_ text: String) {
        if InputLine.secretStart(text) == nil { self.withCurrent { $0.inputHistory.add(text) } }
        self.model.editor.clear()
        self.withCurrent { $0.choice = nil }
        self.model.completion = nil
        self.model.typingToldAt = nil
        self.effects.append(.save)
    }

    /// Puts a message into the outbox and the timeline of the room shown.
    mutating func say(_ text: String, kind: ChatMessage.Kind = .text, replyTo: String? = nil) {
        guard let name = self.model.currentName else { return }
        self.say(text, in: name, kind: kind, replyTo: replyTo)
        self.withCurrent { room in
            room.scroll = nil
            // Who answers has read.
            room.marker = nil
        }
        self.readCurrent()
    }

    mutating func say(_ text: String, in name: String, kind: ChatMessage.Kind = .text, replyTo: String? = nil) {
        guard let index = self.model.index(of: name) else { return }
        let entry = self.enqueue(.message(kind, replyTo: replyTo), text: text, in: name)
        self.model.rooms[index].timeline.insert(
            ChatMessage(
                id: entry.id,
                author: self.model.nick,
                text: text,
                time: self.model.now,
                kind: kind,
                replyTo: replyTo,
                isPending: true
            )
        )
        let state = self.model.rooms[index].state
        if state == .declined || state == .closed {
            self.model.hint =
                "\(self.model.rooms[index].title) is \(state.rawValue): the message waits; /rejoin sends it"
        }
        self.pump()
    }
}
