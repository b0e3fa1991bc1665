/// A transport in whose queue a broadcast may be put without asking it.
protocol SharingTransport: Transport {
    /// Where; valid while the transport lives.
    var lane: OutboundLane { get }
}
