/// Receives what happens in a server; called on event loops, so it must be quick.
public protocol MetricsCollector: Sendable {
    /// A connection was accepted and is attached to its transport.
    func connectionOpened(endpoint: String, transport: TransportKind)
    /// A connection is over.
    func connectionClosed(endpoint: String, transport: TransportKind, lasted: Duration)
    /// A connection was refused or broke a rule.
    func connectionError(endpoint: String, kind: String)
    /// A message of a client was read; `event` is chosen by the client, so limit what you keep of it.
    func messageReceived(endpoint: String, channel: String, event: String, bytes: Int)
    /// A message of `bytes` bytes was passed to the transports of `recipients` clients.
    func messageSent(endpoint: String, channel: String, event: String, bytes: Int, recipients: Int)
    /// A message for members of a channel was handed to the shards that hold them.
    func messageBroadcast(endpoint: String, channel: String, event: String, recipients: Int)
    /// A user became a member.
    func channelJoined(endpoint: String, channel: String)
    /// A member left.
    func channelLeft(endpoint: String, channel: String, reason: LeaveReason)
    /// The first member of a channel was accepted.
    func channelCreated(endpoint: String, channel: String)
    /// The last member of a channel left.
    func channelDestroyed(endpoint: String, channel: String)
    /// A handler finished.
    func handlerDuration(endpoint: String, handler: HandlerKind, duration: Duration)
    /// A message waits for a handler that has not finished; `depth` messages wait now.
    func queueDepth(endpoint: String, channel: String, depth: Int)
    /// A handler or the framework failed.
    func error(endpoint: String, handler: HandlerKind, error: any Error)
    /// A handler kept its event loop from everything else for `duration`, which is longer than
    /// `Limits.handlerBlockTime`.
    func handlerBlocked(endpoint: String, handler: HandlerKind, duration: Duration)
}

extension MetricsCollector {
    /// Ignores blocked handlers: collectors that were written before the signal existed need not know it.
    public func handlerBlocked(endpoint: String, handler: HandlerKind, duration: Duration) {}
}
