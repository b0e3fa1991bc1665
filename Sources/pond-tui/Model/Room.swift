/// A room and everything shown of it.
struct Room: Hashable, Sendable {
    /// The name without `#`.
    let name: String
    var state = ChannelState.idle
    /// Why the state is what it is: the reason of a refusal.
    var stateReason: String?
    var stateSince: WallTime?
    var topic = ""
    var people = People()
    /// Up to when the room was live, before its connection was lost.
    var liveUntil: WallTime?
    /// When people and typing were last known to be right.
    var peopleAsOf: WallTime?
    /// Who types, and until when that is believed.
    var typing: [String: WallTime] = [:]
    var timeline = Timeline()
    var unread = 0
    var mentions = 0
    /// The key of the last entry read when the user last looked away; newer messages follow the marker.
    var marker: Int?
    /// The id of the last message read, to find the marker again after a restart.
    var lastReadID: String?
    var editor = LineEditor()
    var inputHistory = InputHistory()
    /// The message that the command in the editor is about.
    var choice: MessageChoice?
    /// The lowest entry shown, when scrolled up.
    var scroll: ScrollAnchor?
    var history = HistoryState.unknown
    /// Whether the past was loaded once, so that the marker of the last run has been found.
    var hasHistory = false
    /// While messages missed in an outage are loaded: the last one from before it.
    var resyncUntil: String?
    /// How many of them have come.
    var resyncCount = 0
    /// How the room's messages came after the last outage.
    var recovery: Recovery?
    /// When a page that did not come is asked for again, and after how many failures.
    var historyRetryAt: WallTime?
    var historyFailures = 0
    /// The last message the server knows to be read, and when it is told of a later one.
    var toldReadID: String?
    /// Where the server said that reading ended, until the past is loaded.
    var serverReadID: String?
    var readDueAt: WallTime?
    /// Whether the server numbers what is said here: then what has no number is not stored yet.
    var isNumbered = false
    var isMuted = false
    var isPinned = false
    /// The entry that tells of the outage that is going on.
    var outageKey: Int?
    /// The entry that tells of the last outage, until the next one: what was missed in it is added there.
    var backKey: Int?
    /// When joins and leaves of others began to be of interest: the ones of the first list are not announced.
    var hasPeople = false

    /// How much of the past is loaded.
    enum HistoryState: Hashable, Sendable {
        case unknown
        case loading
        case more
        /// The oldest message is here.
        case complete
    }

    /// What a rejoin brought.
    struct Recovery: Hashable, Sendable {
        /// The messages that the server replayed; `nil` when it could not and the history is loaded instead.
        var count: Int?
        var time: WallTime
    }

    /// How long the server is not told of what was read.
    static let readDelay: Int64 = 1_500

    /// The room that is entered where nobody says which.
    static let standard = "lobby"
    /// For so long after the connection is up the server's list is waited for.
    static let listPatience: Int64 = 2_000

    init(_ name: String) { self.name = name }

    /// The name of a room as typed, without `#`; `nil` when it cannot be one.
    static func name(typed text: String) -> String? {
        let name = text.hasPrefix("#") ? String(text.dropFirst()) : text
        let bare = name.hasPrefix("@") ? name.dropFirst() : name[...]
        guard (1...32).contains(bare.count),
            bare.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == "." })
        else { return nil }
        // Rooms and people are the same in any case of letters.
        return name.lowercased()
    }

    /// Whether this is a conversation with one person.
    var isDirect: Bool { self.name.hasPrefix("@") }
    /// `#general`, or `@bob` for a conversation with one person.
    var title: String { self.isDirect ? self.name : "#" + self.name }
    /// How much it needs the user, 0 the most: mentions, then a conversation, then other unread messages.
    var rank: Int {
        guard self.unread > 0, !self.isMuted else { return 3 }
        return self.mentions > 0 ? 0 : self.isDirect ? 1 : 2
    }

    /// Whether what is shown of people may be out of date.
    var isStale: Bool { self.state != .joined && self.peopleAsOf != nil }

    /// The glyph before the room's name.
    var glyph: String {
        switch self.state {
        case .idle: "."
        case .joining: "~"
        case .joined: "+"
        case .stalled: "!"
        case .closed: "x"
        case .declined: "D"
        }
    }

    /// How many messages of others than the user, and than those the user ignores, follow the marker.
    func countAfterMarker(own: String, _ settings: Settings) -> Int {
        guard let marker = self.marker, let index = self.timeline.index(ofKey: marker) else { return 0 }
        return self.timeline.items[(index + 1)...].count { item in
            item.message.map { $0.author != own && !settings.ignores($0.author) } ?? false
        }
    }
}

/// The states of a room's channel machine, under the names the protocol gives them.
enum ChannelState: String, Hashable, Sendable {
    case idle = "IDLE"
    case joining = "JOINING"
    case joined = "JOINED"
    case stalled = "STALLED"
    case closed = "CLOSED"
    case declined = "DECLINED"
}

/// Where a timeline stands when it does not follow its end.
struct ScrollAnchor: Hashable, Sendable {
    /// The entry at the bottom of the pane.
    var key: Int
    /// How many of its last lines lie below the pane.
    var hiddenLines = 0
}
