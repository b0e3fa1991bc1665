/// A transport in whose queue a broadcast may be put without asking it.
package protocol SharingTransport: Transport {
    /// Where; valid while the transport lives.
    var lane: OutboundLane { get }
}
