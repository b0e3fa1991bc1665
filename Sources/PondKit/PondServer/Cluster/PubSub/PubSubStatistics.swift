/// What a `PubSub` did since it was made.
public struct PubSubStatistics: Sendable, Hashable {
    /// Messages handed to the carrier.
    public var published = 0
    /// Messages that arrived.
    public var received = 0
    /// Messages that certainly or possibly reached nobody: dropped while the carrier was away, or cut off in flight.
    public var lost = 0
    /// How often the way was restored after it had been lost.
    public var reconnects = 0
    /// Messages that wait for the carrier.
    public var waiting = 0
    /// Whether the carrier can be reached now.
    public var isConnected = false

    public init() {}
}
