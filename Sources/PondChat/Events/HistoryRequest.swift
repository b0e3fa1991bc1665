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
