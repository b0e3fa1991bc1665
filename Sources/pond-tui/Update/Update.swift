/// Changes a model by one event and says what is to be done outside.
struct Update {
    var model: Model
    var effects: [Effect] = []
    /// The message shown beside the input line that is being submitted.
    var choice: MessageChoice?

    /// The only way a model changes.
    static func apply(_ event: Event, to model: inout Model, at now: WallTime) -> [Effect] {
        var update = Update(model: model)
        // The one who calls keeps no second reference while the copy is changed: the arrays are not copied.
        model = Model.placeholder
        update.model.now = max(now, update.model.now)
        update.handle(event)
        update.followUp(event)
        model = update.model
        return update.effects
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .key(let key): self.press(key)
        case .paste(let text): self.paste(text)
        case .resize(let size): self.model.size = size
        case .focus(let isFocused): self.focus(isFocused)
        case .mouse(let mouse): self.mouse(mouse)
        case .tick: self.tick()
        case .session(let event): self.session(event)
        case .line(let line): self.submit(line)
        case .edited(let text): self.model.editor.replace(with: text)
        case .output(let text): self.paste(text)
        case .problem(let text): self.model.hint = text
        case .settings(let settings, let keyMap):
            let themeOfRun = self.model.settings.themeOfRun
            self.model.settings = settings
            self.model.settings.themeOfRun = themeOfRun
            self.model.keyMap = keyMap
            self.model.hint = "settings read"
        case .zone(let secondsEast): self.model.secondsEast = secondsEast
        case .dismiss:
            if self.model.overlay != .quit { self.model.overlay = nil }
            self.model.hint = nil
        case .resumed:
            self.model.isSuspended = false
            self.focus(true)
            // What was believed may be long out of date.
            if self.model.connection.state == .connected { self.request(.ping) }
        }
    }

    /// What a change of the input line brings with it.
    private mutating func followUp(_ event: Event) {
        switch event {
        case .key, .paste, .edited, .output: self.chooseMessage()
        default: break
        }
        self.keepSelectionInSight()
    }

    // MARK: What all parts use

    mutating func request(_ request: SessionRequest) { self.effects.append(.session(request)) }

    /// Gives the session what may be sent now.
    mutating func pump() {
        guard self.model.connection.state == .connected else { return }
        for room in self.model.rooms where room.state == .joined {
            for entry in self.model.outbox.take(room: room.name, at: self.model.now) {
                self.request(
                    .send(
                        SessionRequest.OutgoingMessage(
                            id: entry.id,
                            room: entry.room,
                            text: entry.text,
                            purpose: entry.purpose
                        )
                    )
                )
            }
        }
    }

    mutating func newID() -> String {
        self.model.idCounter += 1
        return "\(self.model.idSeed)-\(self.model.idCounter)"
    }

    /// Opens a page of text.
    mutating func show(_ title: String, _ lines: [String]) {
        self.model.overlay = .text(title: title, lines: lines, top: 0)
    }

    /// Changes the room shown, if there is one.
    mutating func withCurrent(_ change: (inout Room) -> Void) {
        guard let index = self.model.currentIndex else { return }
        change(&self.model.rooms[index])
    }

    private mutating func tick() {
        for index in self.model.rooms.indices where !self.model.rooms[index].typing.isEmpty {
            let now = self.model.now
            self.model.rooms[index].typing = self.model.rooms[index].typing.filter { $0.value > now }
        }
        for room in self.model.rooms where room.historyRetryAt.map({ $0 <= self.model.now }) == true {
            self.requestHistory(room.name)
        }
        if self.model.roomListDue.map({ $0 <= self.model.now }) == true { self.offerRooms() }
        self.recallOverdue()
        self.tellRead(all: false)
        if let interrupted = self.model.interruptedAt, self.model.now - interrupted >= 2_000 {
            self.model.interruptedAt = nil
            self.model.hint = nil
        }
        self.pump()
    }

    mutating func focus(_ isFocused: Bool) {
        self.model.isFocused = isFocused
        guard isFocused else { return }
        self.readCurrent()
    }
}

extension Model {
    /// An empty model, for the moment in which the real one is being changed.
    fileprivate static let placeholder = Model(
        size: Size(columns: 0, rows: 0),
        nick: "",
        url: "",
        now: WallTime(milliseconds: 0),
        idSeed: ""
    )
}
