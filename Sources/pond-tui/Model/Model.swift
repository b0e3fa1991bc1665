/// Everything the program knows and shows. Only `update` changes it, only `render` reads it.
struct Model: Hashable, Sendable {
    var size: Size
    var nick: String
    var url: String
    var now: WallTime
    var secondsEast = 0
    var connection = ConnectionStatus()
    var rooms: [Room] = []
    /// The name of the room shown.
    var currentName: String?
    /// The room shown before.
    var previousName: String?
    var outbox = Outbox()
    var settings = Settings()
    var keyMap = KeyMap.standard
    var overlay: Overlay?
    var completion: Completion?
    /// Whether the side panes are shown, for the widths that have them; on narrow screens they cover the messages.
    var showsRooms = true
    var showsPeople = true
    /// The pane that covers the messages where there is no side bar.
    var narrowPane: NarrowPane?
    var machines = MachinePane()
    var stateLog: [StateLogEntry] = []
    /// How many changes there have been, with those that are forgotten.
    var stateLogTotal = 0
    /// Whether the terminal has the focus; true where it does not say.
    var isFocused = true
    /// One line above the prompt, until a key is pressed.
    var hint: String?
    /// When Ctrl-C was pressed on an empty line.
    var interruptedAt: WallTime?
    /// A prefix key that was pressed: the rest of its sequence follows.
    var pendingKeys: [Key] = []
    /// When Escape was pressed with nothing to close: it may be the Alt of the next key.
    var escapedAt: WallTime?
    /// The name before, while the connection is made anew under another one.
    var formerNick: String?
    /// Who the server takes the user for; `nil` before it said.
    var identity: SessionEvent.Identity?
    /// Whether the server's token is kept from run to run; not when the user brings one each time.
    var keepsToken = true
    /// What the server found, while its places in the room are looked at.
    var results: FoundMessages?
    /// A message that is being looked for in older pages.
    var sought: SoughtMessage?
    /// Whether the user came without a room: then the server's rooms are shown as soon as they are known.
    var wantsRoomList = false
    /// The server's rooms by name.
    var directory: [String: ListedRoom] = [:]
    /// What the server said when it lost the others that it shares its rooms with, until it has them again.
    var apart: String?
    /// The keys of vi, while the user has asked for them.
    var vi = ViKeys()
    /// Own presence.
    var ownStatus = Person.Status.available
    var ownNote = ""
    /// When typing was last told, per room.
    var typingToldAt: WallTime?
    /// The name of the character set, for the status line.
    var charset = "UTF-8"
    /// Whether there is no server: a chat with oneself.
    var isLocal = false
    /// Makes ids of own messages unique: a random part and a counter.
    var idSeed: String
    var idCounter = 0
    /// The caption of a demonstration.
    var caption: DemoCaption?
    var isSuspended = false
    /// The connection's tries since it was last up.
    var outageStarted: WallTime?
    var isQuitting = false
    /// Whether lines come from a program or a file: then nobody can be asked, and the end of the input ends the run.
    var isScript = false
    /// How many lines of a script made no sense.
    var rejectedLines = 0

    /// A pane shown in place of the messages.
    enum NarrowPane: Hashable, Sendable {
        case rooms
        case people
    }

    init(size: Size, nick: String, url: String, now: WallTime, idSeed: String) {
        self.size = size
        self.nick = nick
        self.url = url
        self.now = now
        self.idSeed = idSeed
    }

    /// The place of the room shown.
    var currentIndex: Int? { self.currentName.flatMap { self.index(of: $0) } }

    /// The room shown.
    var current: Room? { self.currentIndex.map { self.rooms[$0] } }

    /// The place of a room by its exact name.
    func index(of name: String) -> Int? { self.rooms.firstIndex { $0.name == name } }

    /// Until when the server's list of rooms is waited for; a server that has none gets the usual room.
    var roomListDue: WallTime? {
        guard self.wantsRoomList, self.connection.state == .connected else { return nil }
        return self.connection.since.map { $0 + Room.listPatience }
    }

    /// What the switcher offers for a few letters: the user's rooms, then the server's others.
    func switcherRooms(_ query: String) -> [String] {
        RoomSearch.rooms(query, in: self.rooms)
            + RoomSearch.others(query, in: self.directory, beside: self.rooms)
    }

    /// A moment on the user's clock.
    func civil(_ time: WallTime) -> CivilTime { CivilTime(time, secondsEast: self.secondsEast) }

    /// The text being written in the room shown.
    var editor: LineEditor {
        get { self.currentIndex.map { self.rooms[$0].editor } ?? self.looseEditor }
        set {
            if let index = self.currentIndex {
                self.rooms[index].editor = newValue
            } else {
                self.looseEditor = newValue
            }
        }
    }

    /// The text being written while there is no room.
    private var looseEditor = LineEditor()

    /// The theme in force.
    var theme: Theme { self.settings.shownTheme }

    /// Whether a text speaks to the user.
    func mentions(_ text: String) -> Bool {
        let words = [self.nick] + self.settings.highlights
        let lowered = text.lowercased()
        return words.contains { word in
            let wanted = word.lowercased()
            guard !wanted.isEmpty else { return false }
            return lowered.ranges(of: wanted).contains { range in
                let before =
                    range.lowerBound > lowered.startIndex ? lowered[lowered.index(before: range.lowerBound)] : " "
                let after = range.upperBound < lowered.endIndex ? lowered[range.upperBound] : " "
                return !Self.isWord(before) && !Self.isWord(after)
            }
        }
    }

    /// Whether a message speaks to the user: it names them, or answers what they said.
    func concernsUser(_ message: ChatMessage, in room: Room) -> Bool {
        guard message.author != self.nick else { return false }
        if self.mentions(message.text) { return true }
        return message.replyTo.flatMap { room.timeline.message($0) }?.author == self.nick
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    /// The question about what waited too long; `nil` when nothing did.
    var heldWords: String? {
        let count = self.outbox.heldCount
        guard count > 0 else { return nil }
        return "\(count) waited over 5 min, send? /retry all, /drop all, /queue"
    }

    /// Since when the server owes an answer to something that was sent; `nil` while it owes none.
    var unansweredSince: WallTime? {
        guard self.connection.state == .connected, !self.isLocal else { return nil }
        let sent = self.outbox.entries.compactMap { entry in
            if case .sending(let since) = entry.state { since } else { nil }
        }
        let all = sent + [self.connection.unansweredSince].compactMap(\.self)
        // What was sent over an earlier connection is asked for again over this one.
        return all.min().map { max($0, self.connection.since ?? $0) }
    }

    /// For how long the server has not answered, in words; `nil` while that is not worth one.
    var silence: String? {
        guard let since = self.unansweredSince, self.now - since >= OutboxEntry.unmentionedFor else { return nil }
        return Elapsed.brief(milliseconds: self.now - since)
    }
}
