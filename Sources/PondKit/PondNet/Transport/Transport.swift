public import PondCore

/// One live connection to one peer, whatever carries it.
///
/// Everything here happens on one event loop: the one the transport was made for.
public protocol Transport: AnyObject {
    /// What carries the messages.
    var kind: TransportKind { get }
    /// Who hears of messages and of the end; the owner keeps itself alive.
    var receiver: (any TransportReceiver)? { get set }
    /// Bytes accepted by `send` that the peer has not taken yet.
    var queuedBytes: Int { get }

    /// Queues one encoded message; the transport writes all of a turn together when the turn ends.
    ///
    /// A transport whose queue passes its bound closes itself with 1013 and says so through the receiver.
    func send(_ frame: Frame)
    /// Queues one message that nobody else gets; a transport may save itself the frame.
    func send(_ message: ServerMessage)
    /// Writes what is queued, says goodbye, and ends within the limit's close time.
    func close(code: UInt16, reason: String)
    /// Ends at once.
    func abort()
}

extension Transport {
    /// Queues one message that nobody else gets.
    public func send(_ message: ServerMessage) { self.send(message.frame()) }
}
