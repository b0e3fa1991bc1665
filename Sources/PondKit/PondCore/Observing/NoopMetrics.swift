/// Collects nothing; with it, the framework reads no clocks for metrics.
public struct NoopMetrics: MetricsCollector {
    public init() {}
    public func connectionOpened(endpoint: String, transport: TransportKind) {}
    public func connectionClosed(endpoint: String, transport: TransportKind, lasted: Duration) {}
    public func connectionError(endpoint: String, kind: String) {}
    public func messageReceived(endpoint: String, channel: String, event: String, bytes: Int) {}
    public func messageSent(endpoint: String, channel: String, event: String, bytes: Int, recipients: Int) {}
    public func messageBroadcast(endpoint: String, channel: String, event: String, recipients: Int) {}
    public func channelJoined(endpoint: String, channel: String) {}
    public func channelLeft(endpoint: String, channel: String, reason: LeaveReason) {}
    public func channelCreated(endpoint: String, channel: String) {}
    public func channelDestroyed(endpoint: String, channel: String) {}
    public func handlerDuration(endpoint: String, handler: HandlerKind, duration: Duration) {}
    public func queueDepth(endpoint: String, channel: String, depth: Int) {}
    public func error(endpoint: String, handler: HandlerKind, error: any Error) {}
}
