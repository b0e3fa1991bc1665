public import PondCore

/// Calls at the turning points of every connection, join and message, on the event loop where they happen.
public struct PondHooks: Sendable {
    /// After a connection was accepted and greeted.
    public var onConnect: (@Sendable (ConnectionInfo) -> Void)?
    /// Before another socket resumes a session, for which no connection handler is asked; the info has the address of
    /// the new socket. Throwing declines the socket and leaves the session as it was.
    public var beforeResume: (@Sendable (ConnectionInfo) throws -> Void)?
    /// After another socket resumed a session of this server, with the new socket's address, transport and id.
    public var onResume: (@Sendable (ConnectionInfo) -> Void)?
    /// After a connection ended.
    public var onDisconnect: (@Sendable (ConnectionInfo, TransportEnd) -> Void)?
    /// Before a join handler; throwing declines the join.
    public var beforeJoin: (@Sendable (User, _ channel: String) throws -> Void)?
    /// After a join was accepted.
    public var afterJoin: (@Sendable (User, _ channel: String) -> Void)?
    /// Before an event handler; throwing answers as if the handler had thrown.
    public var beforeMessage: (@Sendable (User, _ channel: String, _ event: String) throws -> Void)?
    /// After an event handler finished, with what it threw.
    public var afterMessage: (@Sendable (User, _ channel: String, _ event: String, (any Error)?) -> Void)?

    /// No hooks.
    public init() {}
}
