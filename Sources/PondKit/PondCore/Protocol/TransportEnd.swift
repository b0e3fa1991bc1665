/// How a connection came to its end.
public struct TransportEnd: Sendable, Hashable {
    /// The WebSocket close code, or the nearest one for another transport; 1006 when the peer just went.
    public var code: UInt16
    /// Words for a log.
    public var reason: String
    /// Whether the peer took part in closing.
    public var clean: Bool

    /// The close code for a socket whose session was resumed by another socket.
    public static let takenOver: UInt16 = 4001

    /// Whether the client ended its session with this: a close with 1000, 1001 or no code, and no other end.
    package var endsSession: Bool { self.clean && (self.code == 1000 || self.code == 1001 || self.code == 1005) }

    public init(code: UInt16, reason: String, clean: Bool) {
        self.code = code
        self.reason = reason
        self.clean = clean
    }
}
