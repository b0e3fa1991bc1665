public import PondCore

/// Everything there is to show about a channel at one moment.
public struct ChannelStatus: Sendable, Hashable {
    /// Where the channel stands.
    public var state: ChannelState
    /// Why it stands there.
    public var reason: ChannelReason
    /// Since when.
    public var since: MonotonicTime
    /// Messages that wait for the channel to be joined.
    public var queued = 0
    /// Messages on their way that the server has not confirmed.
    public var sending = 0
    /// Messages that the server refused or that were dropped, kept for a retry.
    public var failed = 0
    /// When presence was last known to be true: while JOINED it is live, afterwards it is frozen.
    public var presenceAsOf: MonotonicTime?
}

extension ChannelStatus {
    init(_ machine: ChannelMachine, _ outbox: Outbox, presenceAsOf: MonotonicTime?) {
        self.init(
            state: machine.visibleState,
            reason: machine.reason,
            since: machine.since,
            queued: outbox.queuedCount,
            sending: outbox.sendingCount,
            failed: outbox.failedCount,
            presenceAsOf: presenceAsOf
        )
    }
}
