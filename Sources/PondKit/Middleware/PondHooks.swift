/// Calls at the turning points of every connection, join and message, on the event loop where they happen.
public struct PondHooks: Sendable {
    /// After a connection was accepted and greeted.
    public var onConnect: (@Sendable (ConnectionInfo) -> Void)?
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
