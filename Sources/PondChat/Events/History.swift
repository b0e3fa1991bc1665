public import PondKit

/// Asks for a page of the channel's messages: the latest, or those before, after or around one.
public struct HistoryRequest: ChatPayload {
    public static let event = "history"

    /// At most one of the three is set.
    public var before: MessageID?
    public var after: MessageID?
    public var around: MessageID?
    /// The most messages to send; the server has a limit of its own.
    public var limit: Int?

    public init(before: MessageID? = nil, after: MessageID? = nil, around: MessageID? = nil, limit: Int? = nil) {
        self.before = before
        self.after = after
        self.around = around
        self.limit = limit
    }

    /// Where a page lies.
    public enum Anchor: Sendable, Hashable {
        case latest
        case before(MessageID)
        case after(MessageID)
        case around(MessageID)
    }

    /// The place asked for; throws 400 when the request names more than one.
    public func anchor() throws(PondError) -> Anchor {
        switch (self.before, self.after, self.around) {
        case (nil, nil, nil): return .latest
        case (let id?, nil, nil): return .before(id)
        case (nil, let id?, nil): return .after(id)
        case (nil, nil, let id?): return .around(id)
        default: throw .badRequest("at most one of before, after and around")
        }
    }

    /// The number of messages to send under a server's limits.
    public func count(limits: ChatLimits = .default) -> Int { min(max(1, self.limit ?? 50), limits.pageMessages) }
}

/// The answer to a history request: messages from old to new.
public struct HistoryPage: ChatPayload {
    public static let event = "history"

    public var messages: [ChatMessage]
    /// Whether there are messages before the first one.
    public var hasOlder: Bool
    /// Whether there are messages after the last one.
    public var hasNewer: Bool

    public init(messages: [ChatMessage], hasOlder: Bool, hasNewer: Bool) {
        self.messages = messages
        self.hasOlder = hasOlder
        self.hasNewer = hasNewer
    }
}

/// Asks for the channel's messages that hold all words, the newest first.
public struct SearchRequest: ChatPayload {
    public static let event = "search"

    /// Words; one that ends in `*` stands for every word that begins so.
    public var query: String
    /// Only messages of this user.
    public var from: UserName?
    /// Only messages older than this one: the next page.
    public var before: MessageID?
    public var limit: Int?

    public init(query: String, from: UserName? = nil, before: MessageID? = nil, limit: Int? = nil) {
        self.query = query
        self.from = from
        self.before = before
        self.limit = limit
    }

    /// The number of messages to send under a server's limits.
    public func count(limits: ChatLimits = .default) -> Int { min(max(1, self.limit ?? 50), limits.pageMessages) }
}

/// The answer to a search: messages from new to old.
public struct SearchPage: ChatPayload {
    public static let event = "search"

    public var messages: [ChatMessage]
    /// Whether older ones match too.
    public var hasMore: Bool
    /// Where a search goes on whose time was over: the `before` of the next request; there where nothing was found yet,
    /// too.
    public var next: MessageID?

    public init(messages: [ChatMessage], hasMore: Bool, next: MessageID? = nil) {
        self.messages = messages
        self.hasMore = hasMore
        self.next = next
    }
}

/// The sender has read the channel up to this message.
public struct MarkRead: ChatPayload {
    public static let event = "read"

    public var upTo: MessageID

    public init(upTo: MessageID) { self.upTo = upTo }
}

/// How far a user has read a channel; sent to that user's own devices only.
public struct ReadState: ChatPayload {
    public static let event = "read"

    /// The last message read, `nil` before the first.
    public var upTo: MessageID?
    /// Messages of others after it.
    public var unread: Int
    /// Those of them that mention the user.
    public var mentions: Int
    /// The person whose mark it is, as the author of a message.
    public var owner: String?

    public init(upTo: MessageID?, unread: Int, mentions: Int, owner: String? = nil) {
        self.upTo = upTo
        self.unread = unread
        self.mentions = mentions
        self.owner = owner
    }
}
