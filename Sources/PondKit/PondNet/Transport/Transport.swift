public import PondCore

/// One live connection to one peer, over any carrier.
///
/// Everything here happens on one event loop: the one the transport was made for.
public protocol Transport: AnyObject {
    /// What carries the messages.
    var kind: TransportKind { get }
    /// Receives messages and the end; not kept alive by the transport.
    var receiver: (any TransportReceiver)? { get set }
    /// Bytes accepted by `send` that the peer has not taken yet.
    var queuedBytes: Int { get }

    /// Queues one encoded message; the transport writes all of a turn together when the turn ends.
    ///
    /// A transport whose queue passes its bound closes itself with 1013 and says so through the receiver.
    func send(_ frame: Frame)
    /// Queues one message for this peer alone; a transport may avoid making a frame.
    func send(_ message: ServerMessage)
    /// Writes what is queued, says goodbye, and ends within the limit's close time.
    func close(code: UInt16, reason: String)
    /// Ends at once.
    func abort()
}

extension Transport {
    /// Queues one message for this peer alone.
    public func send(_ message: ServerMessage) { self.send(message.frame()) }
}
