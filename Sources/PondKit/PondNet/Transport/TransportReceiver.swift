public import PondCore

/// Receives what arrives on a transport, always on the transport's loop.
public protocol TransportReceiver: AnyObject {
    /// One whole message, valid UTF-8 of at most `Limits.messageBytes`. The bytes are valid during the call only.
    func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer)
    /// The end; called once, and nothing is called after it.
    func transport(_ transport: any Transport, ended end: TransportEnd)
}
