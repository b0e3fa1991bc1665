import PondCore
public import PondRuntime

/// What an adapter calls for each request.
extension PondSocket {
    /// Whether an endpoint would take a connection at this path.
    public func serves(_ path: String) -> Bool { self.endpointTable.find(path) != nil }

    /// Asks for a connection. Call on the loop that will own it, one of `loops`; traps elsewhere. The answer comes on
    /// that loop.
    public func open(
        _ request: ConnectionRequest,
        on loop: EventLoop,
        answer: @escaping (ConnectionAnswer) -> Void
    ) {
        loop.checkCurrent("PondSocket.open(_:on:answer:)")
        let core = self.core
        var headers = HTTPHeaders()
        switch core.currentPhase {
        case .running: break
        case .draining(let seconds):
            headers.add("Retry-After", "\(seconds)")
            return self.refuse(503, "Service Unavailable", headers, "draining", answer)
        case .idle, .stopped: return self.refuse(503, "Service Unavailable", headers, "stopped", answer)
        }
        guard let shard = core.group.shards.first(where: { $0.loop === loop }) else {
            core.options.log.log(.error, "a connection was opened on a loop that is not the server's")
            return self.refuse(503, "Service Unavailable", headers, "wrong loop", answer)
        }
        guard let (endpoint, match) = self.endpointTable.find(request.path) else {
            return self.refuse(404, "Not Found", headers, "unknown path", answer)
        }
        guard core.options.allowedOrigins.allows(request.headers) else {
            return self.refuse(403, "Origin not allowed", headers, "origin", answer)
        }
        var request = request
        let session = SessionRequest(removedFrom: &request)
        let context = ConnectionContext(request, match: match, core: core, loop: loop)
        guard core.countConnection(from: context.address) else {
            headers.add("Retry-After", "5")
            return self.refuse(503, "Too many connections", headers, "too many connections", answer)
        }
        guard case .resume(let token) = session else { return Self.ask(context, endpoint, shard, session, answer) }
        if let holder = Self.holder(of: token, at: endpoint) {
            let accepted = AcceptedConnection(
                resuming: holder,
                token: token,
                from: context.address,
                kind: request.kind,
                on: shard
            )
            return answer(Self.resume(accepted, core))
        }
        guard let sessions = core.cluster?.sessions else { return Self.ask(context, endpoint, shard, session, answer) }
        sessions.take(token, endpoint: endpoint.path, on: loop) { shared, record in
            guard let shared, let record else { return Self.ask(context, endpoint, shard, session, answer) }
            answer(Self.goOn(with: shared, record, context, endpoint, shard))
        }
    }

    /// Lets the connection handler decide.
    private static func ask(
        _ context: ConnectionContext,
        _ endpoint: Endpoint,
        _ shard: Shard,
        _ session: SessionRequest,
        _ answer: @escaping (ConnectionAnswer) -> Void
    ) {
        shard.run(endpoint.connectionChain, context, .connection, at: endpoint.path) { error in
            answer(Self.conclude(context, endpoint, shard, session, error))
        }
    }

    /// Accepts the client of a session that another node had.
    private static func goOn(
        with session: SharedSession,
        _ record: SessionRecord,
        _ context: ConnectionContext,
        _ endpoint: Endpoint,
        _ shard: Shard
    ) -> ConnectionAnswer {
        let info = ConnectionInfo(
            userId: record.userId,
            endpoint: endpoint.path,
            remoteAddress: context.address,
            transport: context.transport,
            assigns: record.assigns
        )
        let identity = ConnectionIdentity(
            info: info,
            shard: shard,
            since: shard.now,
            client: session.token.client,
            isReturning: true,
            shared: session
        )
        let accepted = AcceptedConnection(identity: identity, token: session.token, endpoint: endpoint, replies: [])
        return Self.resume(accepted, endpoint.core.server)
    }

    /// Accepts a socket that resumes a session, unless a hook declines it.
    private static func resume(_ accepted: AcceptedConnection, _ core: ServerCore) -> ConnectionAnswer {
        do {
            try core.options.hooks.beforeResume?(accepted.info)
            return .accept(accepted)
        } catch {
            accepted.cancel()
            if !error.isAnswer {
                core.options.log.log(.error, "beforeResume hook of \(accepted.info.endpoint) failed: \(error)")
            }
            return Self.decline(nil, error)
        }
    }

    /// The connection that has the session of a token; a session of another endpoint does not count.
    private static func holder(of token: SessionToken, at endpoint: Endpoint) -> (any ServerConnection)? {
        guard let holder = endpoint.core.server.sessions.withLock({ $0.holder(of: token) }) else { return nil }
        return holder.identity.info.endpoint == endpoint.path ? holder : nil
    }

    private func refuse(
        _ status: Int,
        _ message: String,
        _ headers: HTTPHeaders,
        _ kind: String,
        _ answer: (ConnectionAnswer) -> Void
    ) {
        if self.core.measures { self.core.options.metrics.connectionError(endpoint: "", kind: kind) }
        answer(.decline(status: status, message: message, headers: headers))
    }

    private static func conclude(
        _ context: ConnectionContext,
        _ endpoint: Endpoint,
        _ shard: Shard,
        _ session: SessionRequest,
        _ error: (any Error)?
    ) -> ConnectionAnswer {
        let core = endpoint.core.server
        if let error, !error.isAnswer {
            core.options.log.log(.error, "connection handler of \(endpoint.path) failed: \(error)")
        }
        if error == nil, let userId = context.userId {
            let assigns = context.assigns
            let info = ConnectionInfo(
                userId: userId,
                endpoint: endpoint.path,
                remoteAddress: context.address,
                transport: context.transport,
                assigns: assigns
            )
            let token = session.isAnnounced && core.keepsSessions ? SessionToken(client: session.client) : nil
            let shared = token.flatMap { token in
                core.cluster?.sessions?.begin(
                    token,
                    SessionRecord(userId: userId, endpoint: endpoint.path, assigns: assigns)
                )
            }
            return .accept(
                AcceptedConnection(
                    identity: ConnectionIdentity(
                        info: info,
                        shard: shard,
                        since: shard.now,
                        client: token?.client ?? session.client,
                        isReturning: session.client != nil,
                        shared: shared
                    ),
                    token: token,
                    endpoint: endpoint,
                    replies: context.replies
                )
            )
        }
        core.uncountConnection(from: context.address)
        if core.measures { core.options.metrics.connectionError(endpoint: endpoint.path, kind: "declined") }
        return Self.decline(context.decision, error)
    }

    private static func decline(
        _ decision: ConnectionContext.Decision?,
        _ error: (any Error)?
    ) -> ConnectionAnswer {
        let refusal: PondError =
            switch (decision, error) {
            case (.declined(let refusal), _): refusal
            case (_, let error as PondError) where (400...599).contains(error.code) && error.kind != .internalError:
                error
            case (_, .some): .internalError("Internal Server Error")
            case (_, nil): .unauthorized("Connection handler did not accept or decline")
            }
        var headers = HTTPHeaders()
        // The header holds whole seconds; a client that comes back a little early would be refused again.
        if let seconds = refusal.retryAfter, let whole = Int32(exactly: max(0, seconds).rounded(.up)) {
            headers.add("Retry-After", "\(whole)")
        }
        return .decline(status: refusal.code, message: refusal.message, headers: headers)
    }
}
