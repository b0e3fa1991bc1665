public import PondCore

/// What carries messages between the nodes of a cluster; `LocalPubSub` and `RedisPubSub` are two, yours may be a third.
///
/// Callable from any thread. Messages of one publisher on one topic arrive in the order they were published.
public protocol PubSub: AnyObject, Sendable {
    /// Hears a topic, or every topic that begins so when the name ends in `.*`.
    ///
    /// `receive` is called from one thread at a time and must not block: hand the signal to your own loop.
    func subscribe(
        to pattern: String,
        receive: @escaping @Sendable (PubSubSignal) -> Void
    ) throws(PondError) -> PubSubSubscription

    /// Ends one subscription; nothing is delivered for it afterwards but what is already under way.
    func unsubscribe(_ subscription: PubSubSubscription)

    /// Sends a message to everyone who hears the topic, the sender included; returns before it has arrived.
    func publish(_ message: [UInt8], to topic: String) throws(PondError)

    /// Ends all subscriptions after what was published is on its way.
    func close() async

    /// What happened so far, for metrics.
    var statistics: PubSubStatistics { get }
}
