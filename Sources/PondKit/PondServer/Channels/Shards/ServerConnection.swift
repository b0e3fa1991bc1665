import PondCore
import PondNet

/// A client's connection as its shard and its channels use it; confined to the shard's loop.
protocol ServerConnection: AnyObject, Sendable {
    /// Everything about the connection that does not change.
    var identity: ConnectionIdentity { get }
    /// Whether the connection has ended.
    var ended: Bool { get }
    /// Whether the connection has no socket now.
    var isAway: Bool { get }
    /// The number of the current socket, starting with 0.
    var socket: Int { get }
    /// Bytes queued for the socket.
    var queuedBytes: Int { get }
    /// The address under which the connection counts towards the limits; `nil` without a socket.
    var countedAddress: String? { get }
    /// The transport, if broadcasts can be queued on it without a call.
    var sharingTransport: (any SharingTransport)? { get }

    func send(_ frame: Frame)
    func send(_ message: ServerMessage)
    func close(code: UInt16, reason: String)

    /// Closes the socket, so that the client reconnects and joins its channels again.
    func cut()

    /// Removes a membership that is over and not remembered.
    func forgetIfOver(_ membership: Membership)

    /// Resumes the session on a new socket; false if the session has ended.
    func resume(_ transport: any Transport, as connectionId: String, from address: String, greeting: Frame) -> Bool

    /// Ends a detached session because too many sessions are detached.
    func endDisplaced()
}

extension ServerConnection {
    var shard: Shard { self.identity.shard }
}
