extension Update {
    /// A key: to what is open, to a sequence that has begun, to the key map, or into the text.
    mutating func press(_ key: Key) {
        var key = key
        if let escape = self.model.escapedAt {
            // Escape and then soon a key is the key with Alt, where that is bound to something: all else is typed. Nor is
            // it a `/`: what was to be a command would go out as a message.
            self.model.escapedAt = nil
            if self.model.now - escape < Self.escapePatience, key != Key(.character("/")), self.isBoundWithAlt(key) {
                key.modifiers.insert(.alt)
            }
        }
        if self.model.interruptedAt != nil, key != Key(.character("c"), .control) {
            self.model.interruptedAt = nil
            self.model.hint = nil
        }
        if self.model.overlay != nil {
            self.pressInOverlay(key)
            return
        }
        if self.pressInDemo(key) { return }
        if self.model.pendingKeys.first == Key(.character("j"), .alt) {
            self.pressRoomDigit(key)
            return
        }
        if self.model.settings.vi, self.model.pendingKeys.isEmpty, self.pressInVi(key) { return }
        let sequence = self.model.pendingKeys + [key]
        switch self.model.keyMap.match(sequence) {
        case .prefix: self.model.pendingKeys = sequence
        case .action(let action):
            self.model.pendingKeys = []
            self.perform(action)
        case .none:
            self.model.pendingKeys = []
            guard sequence.count == 1 else { return }
            self.type(key)
        }
    }

    /// Gives a key to vi; gives back whether that was all.
    private mutating func pressInVi(_ key: Key) -> Bool {
        // Neither the model nor the copy is changed while the other holds the text: it is not copied.
        var editor = self.model.editor
        self.model.editor = LineEditor()
        let outcome = self.model.vi.press(key, &editor)
        self.model.editor = editor
        switch outcome {
        case .passed: return false
        case .done: break
        case .action(let action): self.perform(action)
        case .begin(let text):
            self.model.editor.replace(with: text)
        }
        self.model.completion = nil
        return true
    }

    /// How long an Escape stands for Alt with the next key. Short: who pressed it to close something goes on typing.
    private static let escapePatience: Int64 = 400

    private func isBoundWithAlt(_ key: Key) -> Bool {
        guard key.code != .escape else { return false }
        if case .character(let character) = key.code, character.isASCII, character.isNumber { return true }
        var bound = key
        bound.modifiers.insert(.alt)
        if case .none = self.model.keyMap.match([bound]) { return false }
        return true
    }

    private mutating func type(_ key: Key) {
        guard case .character(let character) = key.code else { return }
        if key.modifiers == .alt, let digit = character.wholeNumberValue, character.isASCII {
            self.go(toNumber: digit == 0 ? 10 : digit)
            return
        }
        guard key.modifiers.isDisjoint(with: [.alt, .control]) else { return }
        self.model.hint = nil
        self.model.completion = nil
        self.model.editor.insert(String(character))
        self.tellTyping()
    }

    private mutating func tellTyping() {
        guard self.model.settings.sendsTyping, let room = self.model.current, room.state == .joined,
            self.model.connection.state == .connected, !self.model.editor.isEmpty,
            self.model.editor.characters.first != "/"
        else { return }
        if let told = self.model.typingToldAt, self.model.now - told < 3_000 { return }
        self.model.typingToldAt = self.model.now
        self.request(.typing(room: room.name))
    }

    private mutating func pressRoomDigit(_ key: Key) {
        guard case .character(let character) = key.code, character.isASCII, let digit = character.wholeNumberValue
        else {
            self.model.pendingKeys = []
            return
        }
        if self.model.pendingKeys.count == 1 {
            self.model.pendingKeys.append(key)
            self.model.hint = "room \(digit)_"
            return
        }
        var number = digit
        if case .character(let first) = self.model.pendingKeys[1].code { number += (first.wholeNumberValue ?? 0) * 10 }
        self.model.pendingKeys = []
        self.model.hint = nil
        self.go(toNumber: number)
    }

    /// Does what a key is bound to.
    mutating func perform(_ action: Action) {
        if action != .complete, action != .completeBack, action != .escape { self.model.completion = nil }
        if action != .interrupt, action != .escape { self.model.hint = nil }
        switch action {
        case .send: self.submitEditor()
        case .newLine: self.model.editor.insert("\n")
        case .left: self.model.editor.moveLeft()
        case .right: self.model.editor.moveRight()
        case .wordLeft: self.model.editor.moveWordBackward()
        case .wordRight: self.model.editor.moveWordForward()
        case .lineStart: self.model.editor.moveToLineStart()
        case .lineEnd: self.model.editor.moveToLineEnd()
        case .deleteBackward: self.model.editor.deleteBackward()
        case .deleteForward, .endOfInput: self.model.editor.deleteForward()
        case .killToBlank: self.model.editor.killToBlank()
        case .killToStart: self.model.editor.killToStart()
        case .killToEnd: self.model.editor.killToEnd()
        case .killWordForward: self.model.editor.killWordForward()
        case .killWordBackward: self.model.editor.killWordBackward()
        case .yank: self.model.editor.yank()
        case .yankPop: self.model.editor.yankPop()
        case .transpose: self.model.editor.transpose()
        case .undo: self.model.editor.undo()
        case .redo: self.model.editor.redo()
        case .up: self.historyUp()
        case .down: self.historyDown()
        case .historySearch: self.model.overlay = .historySearch(query: "", selected: 0)
        case .complete: self.complete(by: 1)
        case .completeBack: self.complete(by: -1)
        case .roomNext: self.go(by: 1)
        case .roomPrevious: self.go(by: -1)
        case .roomImportant: self.goToImportant()
        case .roomBack: if let previous = self.model.previousName { self.go(to: previous) }
        case .roomNumber:
            self.model.pendingKeys = [Key(.character("j"), .alt)]
            self.model.hint = "room number: two digits"
        case .switcher: self.model.overlay = .switcher(query: "", selected: 0)
        case .selectMessage: self.beginSelection()
        case .firstUnread: self.goToFirstUnread()
        case .mentionNext: self.goToMention(forward: true)
        case .mentionPrevious: self.goToMention(forward: false)
        case .pageUp: self.scroll(pages: -1)
        case .pageDown: self.scroll(pages: 1)
        case .top: self.scrollToTop()
        case .bottom: self.scrollToBottom()
        case .search: self.model.overlay = .search(Search(in: self.model.current, origin: self.model.current?.scroll))
        case .reconnect: self.reconnect()
        case .stateLog: self.toggleMachines()
        case .rooms: self.toggle(.rooms)
        case .people: self.toggle(.people)
        case .bare: self.bare()
        case .presenceNoise: self.filterPresence("")
        case .mouse: self.set("mouse", to: self.model.settings.mouse ? "off" : "on")
        case .externalEditor: self.effects.append(.edit(self.model.editor.text))
        case .repaint: self.effects.append(.repaint)
        case .suspend:
            self.model.isSuspended = true
            self.tellRead(all: true)
            self.effects.append(.suspend)
        case .interrupt: self.interrupt()
        case .help: self.model.overlay = .help(filter: "", top: 0)
        case .escape: self.escape()
        case .noop: break
        }
    }

    private mutating func toggle(_ pane: Model.NarrowPane) {
        if self.model.layout(self.model.size).kind == .narrow {
            self.model.narrowPane = self.model.narrowPane == pane ? nil : pane
            return
        }
        switch pane {
        case .rooms: self.model.showsRooms.toggle()
        case .people: self.model.showsPeople.toggle()
        }
    }

    private mutating func interrupt() {
        if !self.model.editor.isEmpty {
            self.model.editor.replace(with: "")
            self.model.hint = nil
            return
        }
        if let interrupted = self.model.interruptedAt, self.model.now - interrupted < 2_000 {
            self.quit(force: false)
        } else {
            self.model.interruptedAt = self.model.now
            self.model.hint = "Ctrl-C again within 2 s to quit"
        }
    }

    /// Closes what is open, else goes back to the newest message, else begins an Alt key.
    private mutating func escape() {
        if self.model.completion != nil {
            self.model.completion = nil
        } else if self.model.hint != nil {
            self.model.hint = nil
        } else if self.model.narrowPane != nil {
            self.model.narrowPane = nil
        } else if self.model.machines.isOpen {
            self.closeMachines()
        } else if self.model.current?.scroll != nil {
            self.scrollToBottom()
        } else if !self.model.settings.vi {
            self.model.escapedAt = self.model.now
        }
    }

    private mutating func historyUp() {
        if self.model.editor.moveUp() { return }
        let text = self.model.editor.text
        var line: String?
        self.withCurrent { line = $0.inputHistory.previous(current: text) }
        if let line { self.model.editor.replace(with: line) }
    }

    private mutating func historyDown() {
        if self.model.editor.moveDown() { return }
        var line: String?
        self.withCurrent { line = $0.inputHistory.next() }
        if let line { self.model.editor.replace(with: line) }
    }

    /// A paste: into the text, or held back when it is long.
    mutating func paste(_ text: String) {
        let clean = TextSanitiser.editable(text)
        if let overlay = self.model.overlay {
            self.pasteInOverlay(clean, overlay)
            return
        }
        var lines = clean.split(separator: "\n", omittingEmptySubsequences: false).count
        if clean.hasSuffix("\n") { lines -= 1 }
        if lines > self.model.settings.pasteLines {
            self.model.overlay = .paste(text: clean.hasSuffix("\n") ? String(clean.dropLast()) : clean)
        } else {
            self.model.completion = nil
            if clean.count + self.model.editor.characters.count > LineEditor.capacity {
                self.model.hint = "only the first \(LineEditor.capacity) characters fit"
            }
            self.model.editor.insert(lines <= 1 && clean.hasSuffix("\n") ? String(clean.dropLast()) : clean)
        }
    }
}
