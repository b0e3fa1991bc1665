/// What names a channel in a history: channels of one name at two endpoints are two.
public struct HistoryKey: Sendable, Hashable {
    /// The endpoint's path pattern.
    public var endpoint: String
    /// The channel's name.
    public var channel: String

    /// The name of a channel of an endpoint.
    public init(endpoint: String, channel: String) {
        self.endpoint = endpoint
        self.channel = channel
    }
}
