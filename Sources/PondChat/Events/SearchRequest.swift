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
