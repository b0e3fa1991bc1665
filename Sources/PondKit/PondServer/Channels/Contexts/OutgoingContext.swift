public import PondCore
import PondRuntime

/// A broadcast or reply that an outgoing handler may change or block for one recipient.
public final class OutgoingContext {
    /// What will be sent; a handler may put something else here.
    public var payload: Payload {
        didSet {
            self.checkLoop()
            self.hasTransformed = true
        }
    }
    /// Whether a handler has put something else in its place.
    public private(set) var hasTransformed = false
    /// Whether the recipient will not get it.
    public private(set) var isBlocked = false
    /// What the event pattern captured of the name.
    public let params: [String: String]
    /// What a `*` in the event pattern captured.
    public let wildcard: String?
    /// The recipient as it was when the message was sent; `refreshUser()` looks again.
    public private(set) var user: User
    private let message: ServerMessage
    private let member: Member

    init(message: ServerMessage, member: Member, found: EventRoutes<OutgoingContext>.Found) {
        self.message = message
        self.member = member
        self.payload = message.payload
        self.params = found.captures?.params ?? [:]
        self.wildcard = found.captures?.wildcard
        self.user = member.user
    }

    /// What the recipient gets; `nil` for nothing.
    var result: ServerMessage? {
        guard !self.isBlocked else { return nil }
        var changed = self.message
        changed.payload = self.payload
        return changed
    }

    /// The event's name.
    public var eventName: String { self.message.event }

    /// The channel's name.
    public var channelName: String { self.message.channelName }

    /// What the lobby's pattern captured of the channel's name.
    public var channelParams: [String: String] { self.member.match.params }

    /// What a `*` in the lobby's pattern captured.
    public var channelWildcard: String? { self.member.match.wildcard }

    /// The query behind the channel's name.
    public var channelQuery: [String: [String]] { self.member.match.query }

    /// Sends something else to this recipient.
    public func transform(_ payload: Payload) { self.payload = payload }

    /// Sends nothing to this recipient.
    public func block() {
        self.checkLoop()
        self.isBlocked = true
    }

    /// Takes a block back.
    public func unblock() {
        self.checkLoop()
        self.isBlocked = false
    }

    /// Reads the recipient's assigns and presence again.
    public func refreshUser() {
        self.checkLoop()
        self.user = self.member.user
    }

    private func checkLoop() {
        precondition(
            self.member.home.loop.isSafeHere,
            """
            an outgoing context of \(self.member.lobby.pattern) is changed on another thread than its handler's; \
            decide before the handler ends, without a Task of your own
            """
        )
    }
}
