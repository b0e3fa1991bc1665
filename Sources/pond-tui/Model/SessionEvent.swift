/// What a chat session tells.
enum SessionEvent: Hashable, Sendable {
    case connection(ConnectionChange)
    case channel(room: String, ChannelState, reason: String?)
    case message(room: String, ChatMessage)
    /// Somebody wrote in a conversation that is not open, and the message where it is not read.
    case direct(room: String, ChatMessage?)
    /// A message has another text; the author is told by servers that do not check it themselves.
    case edited(room: String, id: String, text: String, author: String?)
    case removed(room: String, id: String, by: String)
    /// The server has an own message; the message as the server stamped it, where it said.
    case delivered(id: String)
    /// The server did not take an own message; `isCertain` when it said so itself, so that it does not have it.
    case refused(id: String, reason: String, retryAfterMilliseconds: Int64?, isCertain: Bool = true)
    /// The message could not be sent because its room ended: it waits again.
    case returned(id: String)
    /// The whole list of who is here.
    case people(room: String, [Person])
    case personJoined(room: String, Person)
    case personChanged(room: String, Person)
    case personLeft(room: String, name: String)
    case typing(room: String, name: String)
    case topic(room: String, text: String, by: String?)
    /// Older messages, oldest first; none means there are no older ones.
    case history(room: String, [ChatMessage], isComplete: Bool)
    /// A page of history did not come; when it may be asked for again at the earliest, where the server said.
    case historyFailed(room: String, reason: String, retryAfterMilliseconds: Int64?)
    /// How far the user has read a room, on this or another device.
    case read(room: String, ReadMark)
    /// Rooms of the server's list: all of it, or what has changed.
    case directory([ListedRoom], gone: [String], isWhole: Bool)
    case whois(KnownPerson)
    case identity(Identity)
    /// What the server found, oldest first.
    case found(room: String, query: String, [ChatMessage])
    /// After a reconnect: how many missed messages came, or that they are lost to us.
    case recovered(room: String, count: Int)
    case resync(room: String)
    case lag(milliseconds: Int)
    /// Whether the session waits for the answer to a request.
    case awaiting(Bool)
    /// The server answered a ping.
    case heard(lagMilliseconds: Int)
    case nick(String)
    /// Something to say to the user about a room, or about nothing in particular.
    case notice(room: String?, text: String)
    /// Whether the server reaches the others that share its rooms; while not, what is said is stored later.
    case servers(areReachable: Bool, text: String)
    /// A demonstration's explanation.
    case caption(DemoCaption?)

    /// Whether it is a sign that the server lives.
    var isFromServer: Bool {
        switch self {
        case .connection(let change): change.state == .connected
        case .channel(_, let state, _): state == .joined || state == .declined
        case .notice, .caption, .nick, .returned, .resync, .historyFailed, .awaiting: false
        default: true
        }
    }

    /// A step of the connection machine.
    struct ConnectionChange: Hashable, Sendable {
        var state: ConnectionState
        /// Which try this is, or the next one will be.
        var attempt = 0
        /// In how many milliseconds the next try begins.
        var retryAfterMilliseconds: Int64?
        var reason: String?
        /// The server's number for why it lets nobody in under this name and token; `nil` when it was not asked.
        var refusal: Int?
        /// Whether the server gave the session of the lost connection back; `nil` where there was none.
        var isResumed: Bool?
    }

    /// How far a room is read.
    struct ReadMark: Hashable, Sendable {
        /// The last message read, `nil` before the first.
        var upTo: String?
        var unread: Int
        var mentions: Int
    }

    /// Who the server takes the user for.
    struct Identity: Hashable, Sendable {
        /// The name as the server writes it.
        var name: String?
        var role: String?
        /// Whether the name has a password.
        var isClaimed = false
        /// Whether the password has to be given before anything else.
        var needsPassword = false
        /// What stands for the password the next time.
        var token: String?
    }
}
