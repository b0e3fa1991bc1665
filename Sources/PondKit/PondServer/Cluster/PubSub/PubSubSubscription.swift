/// Names one subscription of one `PubSub`; a number is never given twice.
public struct PubSubSubscription: Sendable, Hashable {
    /// The number the `PubSub` knows it by.
    public let number: UInt64

    /// A subscription of this number, for those who implement `PubSub`.
    public init(number: UInt64) { self.number = number }
}
