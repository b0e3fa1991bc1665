import PondCore
public import PondNet
import PondRuntime

/// A connection that its handler accepted, or a session that goes on, and that waits for its transport; used on the
/// loop it was opened on.
public final class AcceptedConnection {
    /// What is known of the connection.
    public let info: ConnectionInfo
    private let core: ServerCore
    private let shard: Shard
    private let origin: Origin
    private var open = true

    private enum Origin {
        /// The connection handler accepted it.
        case handler(ConnectionIdentity, SessionToken?, Endpoint, replies: [Frame])
        /// It brought the token of a session.
        case session(any ServerConnection, token: SessionToken)
    }

    /// The public user id.
    public var userId: String { self.info.userId }
    /// The connection's own id: what an SSE client posts with.
    public var connectionId: String { self.info.connectionId }

    /// A connection with the session of this token; without a session where that is `nil`.
    init(identity: ConnectionIdentity, token: SessionToken?, endpoint: Endpoint, replies: [Frame]) {
        self.info = identity.info
        self.core = endpoint.core.server
        self.shard = identity.shard
        self.origin = .handler(identity, token, endpoint, replies: replies)
    }

    /// A socket that goes on with a session; its id and address are its own, all else is the session's.
    init(
        resuming holder: any ServerConnection,
        token: SessionToken,
        from address: String,
        kind: TransportKind,
        on shard: Shard
    ) {
        self.info = ConnectionInfo(
            userId: holder.identity.info.userId,
            endpoint: holder.identity.info.endpoint,
            remoteAddress: address,
            transport: kind,
            assigns: holder.identity.info.assigns
        )
        self.core = shard.core
        self.shard = shard
        self.origin = .session(holder, token: token)
    }

    deinit {
        if self.open { self.giveUp() }
    }

    /// Puts the connection to work on a transport: sends the greeting and hears what arrives from now on.
    public func attach(_ transport: any Transport) {
        self.shard.loop.checkCurrent("AcceptedConnection.attach(_:)")
        guard self.open else { return }
        self.open = false
        switch self.origin {
        case .handler(let identity, let token, let endpoint, let replies):
            self.begin(identity, token, endpoint, replies, transport)
        case .session(let holder, let token): self.resume(holder, token, transport)
        }
    }

    /// Gives the place up because the handshake failed.
    public func cancel() {
        self.shard.loop.checkCurrent("AcceptedConnection.cancel()")
        guard self.open else { return }
        self.open = false
        self.giveUp()
    }

    private func giveUp() {
        self.core.uncountConnection(from: self.info.remoteAddress)
        guard case .handler(let identity, _, _, _) = self.origin, let shared = identity.shared else { return }
        self.core.cluster?.sessions?.forget(shared)
        shared.leave()
    }

    private func begin(
        _ identity: ConnectionIdentity,
        _ token: SessionToken?,
        _ endpoint: Endpoint,
        _ replies: [Frame],
        _ transport: any Transport
    ) {
        let connection = Connection(identity: identity, endpoint: endpoint, transport: transport)
        if let token {
            self.core.sessions.withLock { $0.began(token, connection) }
            connection.begin(session: token)
        }
        self.shard.admit(connection)
        connection.send(self.greeting(token))
        for reply in replies { connection.send(reply) }
        transport.receiver = connection
        if let shared = identity.shared {
            let shard = self.shard
            shared.save()
            shared.onMoved { shard.loop.execute { connection.transferred() } }
            if shared.hasUnclaimed { connection.lapseUnclaimed(after: self.core.options.limits.sessionGrace) }
        }
        self.core.options.hooks.onConnect?(self.info)
    }

    private func resume(_ holder: any ServerConnection, _ token: SessionToken, _ transport: any Transport) {
        let (core, info, greeting) = (self.core, self.info, self.greeting(token))
        let connection = holder
        @Sendable func goOn(_ transport: any Transport) {
            let resumed = connection.resume(
                transport,
                as: info.connectionId,
                from: info.remoteAddress,
                greeting: greeting
            )
            guard !resumed else {
                connection.identity.resumed(by: info)
                core.options.hooks.onResume?(info)
                return
            }
            // The session ended since the socket was let in without its handler; the next one will be asked.
            core.uncountConnection(from: info.remoteAddress)
            transport.close(code: 1013, reason: "the session has ended")
        }
        guard holder.shard !== self.shard else { return goOn(transport) }
        let relay = RelayTransport(transport, of: self.shard.loop, for: holder.shard.loop)
        holder.shard.loop.execute { goOn(relay) }
        relay.begin()
    }

    private func greeting(_ token: SessionToken?) -> Frame {
        let limits = self.core.options.limits
        return ServerFrames.connection(
            userId: self.userId,
            connectionId: self.connectionId,
            session: token.map { ($0.text, limits.sessionGrace) },
            messageBytes: self.info.transport == .serverSentEvents
                ? min(limits.messageBytes, limits.sseBodyBytes) : limits.messageBytes
        )
    }
}
