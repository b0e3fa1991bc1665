/// A connection that its handler accepted and that waits for its transport; used on the loop it was opened on.
public final class AcceptedConnection {
    /// What is known of the connection.
    public let info: ConnectionInfo
    private let identity: ConnectionIdentity
    private let endpoint: Endpoint
    private let replies: [Frame]
    private var open = true

    /// The public user id.
    public var userId: String { self.info.userId }
    /// The connection's own id: what an SSE client posts with.
    public var connectionId: String { self.info.connectionId }

    init(identity: ConnectionIdentity, endpoint: Endpoint, replies: [Frame]) {
        self.info = identity.info
        self.identity = identity
        self.endpoint = endpoint
        self.replies = replies
    }

    deinit {
        if self.open { self.endpoint.core.uncountConnection(from: self.info.remoteAddress) }
    }

    /// Puts the connection to work on a transport: sends the greeting and hears what arrives from now on.
    public func attach(_ transport: any Transport) {
        guard self.open else { return }
        self.open = false
        let connection = Connection(identity: self.identity, endpoint: self.endpoint, transport: transport)
        transport.receiver = connection
        self.identity.shard.admit(connection)
        connection.send(ServerFrames.connection(userId: self.userId, connectionId: self.connectionId))
        for reply in self.replies { connection.send(reply) }
        self.endpoint.core.options.hooks.onConnect?(self.info)
    }

    /// Gives the place up because the handshake failed.
    public func cancel() {
        guard self.open else { return }
        self.open = false
        self.endpoint.core.uncountConnection(from: self.info.remoteAddress)
    }
}
