import PondChat
import PondKit

/// Who may connect, under which name.
extension ChatServer {
    /// Decides over a connection, and tells it who it is.
    func connect(_ context: ConnectionContext) async {
        let address = context.address
        if self.configuration.trustedProxies.isEmpty, context.headers["X-Forwarded-For"] != nil {
            self.watch.forwarded(from: address)
        }
        do throws(PondError) {
            try self.sanctions.check(address: address)
            try await self.countArrival(from: address)
            let (session, stay) = try await self.admit(context)
            let id = PondID.token()
            self.sessions.add(session, id: id)
            do throws(PondError) {
                // Time has passed since the bans were looked at; from here on a ban finds the session.
                try self.sanctions.checkBans(of: session)
            } catch {
                self.endSession(id)
                throw error
            }
            let user = session.needsPassword ? "unidentified:\(id)" : session.name.key
            context.accept(assigns: [Self.sessionKey: .string(id)], userId: user)
            context.reply(Identity.event, try self.identity(of: session, stay: stay).payload())
        } catch {
            if error.code < 429 { self.sanctions.refused(address) }
            self.watch.refused(address, error)
            context.decline(error.code, error.message)
        }
    }

    /// Who a connection is, by its name and token.
    private func admit(_ context: ConnectionContext) async throws(PondError) -> (ChatSession, stay: String?) {
        let claims = try self.claims(of: context)
        let name: UserName
        if let asked = context.query[ConnectionParameters.name]?.first {
            name = try UserName(asked, limits: self.chatLimits)
        } else if let claims {
            name = claims.name
        } else {
            throw .badRequest("a name is needed: connect with ?name=…")
        }
        guard claims == nil || claims?.name == name else { throw .unauthorized("the token is for another name") }
        guard claims != nil || self.configuration.authentication == .open else {
            throw .unauthorized("a token is needed")
        }
        let (user, twin, isVoid) = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            (
                try tables.user(name), try tables.claimedUser(lookingLike: name),
                try claims.map { (claims) throws(SQLiteFault) in try tables.isVoid(claims.id) } ?? false
            )
        }
        let now = self.clock.calendar()
        try self.sanctions.checkBan(of: name)
        let isClaimed = user?.password != nil
        if let claims {
            // A stay under a free name ends when somebody gives the name a password.
            let isOver = isClaimed && claims.stay != nil
            guard !isVoid, !isOver, claims.isIssued(from: user?.tokensFrom, upTo: now) else {
                throw .unauthorized("the token was revoked")
            }
        }
        let isProven = claims != nil && claims?.stay == nil
        // The stay is the same wherever its user goes.
        let stay = claims?.stay ?? "\(now.milliseconds).\(PondID.token())"
        let byToken = self.configuration.authentication == .token
        let owner: NameOwner =
            if let user, isClaimed {
                user.owner
            } else if isProven {
                .ofToken(name, since: byToken ? ChatTime(milliseconds: 0) : now)
            } else {
                .ofStay(stay, name: name, at: now)
            }
        var session = ChatSession(
            name: name,
            role: self.role(of: name, user, claims, isClaimed: isClaimed),
            claimed: isClaimed || isProven,
            needsPassword: isClaimed && claims == nil,
            address: context.address,
            owner: owner,
            tokenID: claims?.id,
            tokenExpires: claims?.expires,
            accepted: self.clock.steady()
        )
        session.tokensFrom = user?.tokensFrom
        session.endsWithToken = byToken
        // Whoever must identify first has no name yet.
        guard !session.needsPassword else { return (session, nil) }
        if !session.claimed {
            if name.isReserved { throw ChatError.nameReserved(name) }
            if twin != nil { throw ChatError.nameTaken(name) }
        }
        let right = isClaimed || byToken
        guard let cluster = self.cluster else {
            let stay = try self.enter(session, right: right, stay: stay)
            return (session, session.claimed ? nil : stay)
        }
        let devices = self.sessions.devices(of: name) + 1
        let limit = self.configuration.devicesPerUser
        let held = right ? SharedUsers.byPassword : isProven ? SharedUsers.byToken : stay
        switch await cluster.users.enter(
            name,
            role: session.role,
            held: held,
            right: right,
            devices: devices,
            limit: limit
        ) {
        case .taken: throw ChatError.nameTaken(name)
        case .tooManyDevices: throw Self.tooManyDevices
        case .entered: break
        }
        defer { cluster.users.tell([self.sessions.presence(of: session)]) }
        let entered = try self.enter(session, right: right, stay: stay)
        return (session, session.claimed ? nil : entered)
    }

    private func enter(_ session: ChatSession, right: Bool, stay: String) throws(PondError) -> String {
        let now = self.clock.steady()
        let answer = self.sessions.enter(session, right: right, stay: stay, now: now)
        switch answer {
        case .taken: throw ChatError.nameTaken(session.name)
        case .tooManyDevices: throw Self.tooManyDevices
        case .entered(let stay): return stay
        }
    }

    private static let tooManyDevices = PondError(
        code: 429,
        kind: .rateLimited,
        message: "too many devices of one user"
    )

    private func claims(of context: ConnectionContext) throws(PondError) -> TokenClaims? {
        var token = context.query[ConnectionParameters.token]?.first
        if token == nil, let header = context.headers["Authorization"], header.lowercased().hasPrefix("bearer ") {
            token = String(header.dropFirst("bearer ".count))
        }
        guard let token, !token.isEmpty else { return nil }
        return try self.claims(in: token)
    }

    /// What a token says; throws 401 when it is not to be believed.
    func claims(in token: String) throws(PondError) -> TokenClaims {
        do throws(TokenSigner.Fault) {
            return try self.tokens.read(token, at: self.clock.calendar())
        } catch {
            var refusal = PondError.unauthorized(error == .expired ? "the token has expired" : "the token is not valid")
            refusal.underlying = "\(error)"
            throw refusal
        }
    }

    private func role(of name: UserName, _ user: StoredUser?, _ claims: TokenClaims?, isClaimed: Bool) -> ChatRole {
        let isAdmin = (isClaimed || claims?.stay == nil && claims != nil) && self.configuration.admins.contains(name)
        return max(user?.role ?? .user, claims?.role ?? .user, isAdmin ? .admin : .user)
    }

    /// What a user is told about themselves, with a fresh token unless somebody else makes the tokens.
    func identity(of session: ChatSession, stay: String?) -> Identity {
        var identity = Identity(
            name: session.name,
            role: session.needsPassword ? .user : session.role,
            claimed: session.claimed || session.needsPassword,
            needsPassword: session.needsPassword
        )
        if session.endsWithToken {
            identity.tokenExpires = session.tokenExpires
        } else if !session.needsPassword {
            let claims = self.freshClaims(for: session.name, stay: stay, notBefore: session.tokensFrom)
            identity.token = self.tokens.sign(claims)
            identity.tokenExpires = claims.expires
        }
        return identity
    }

    /// A token's claims; never older than `start`, from which on the user's tokens hold.
    func freshClaims(for name: UserName, stay: String?, notBefore start: ChatTime?) -> TokenClaims {
        let now = self.clock.calendar()
        return TokenClaims(
            name: name,
            id: PondID.token(),
            issued: max(now, start ?? now),
            expires: now + self.configuration.tokenLifetime,
            stay: stay
        )
    }

    // Coming and going

    func opened(_ info: ConnectionInfo) {
        guard let id = info.assigns[Self.sessionKey]?.string else { return }
        let session = self.sessions.opened(id, connection: info.connectionId)
        // A ban that came while the connection was on its way did not find it.
        if let session,
            case .failure(let error) = Result(catching: { () throws(PondError) in
                try self.sanctions.checkBans(of: session)
            })
        {
            self.pond.close(connectionId: info.connectionId, code: 4003, reason: error.message)
        }
        self.log.debug(
            "connected",
            ("user", .string(session?.name.text ?? "")),
            ("address", .string(info.remoteAddress)),
            ("connection", .string(String(info.connectionId.prefix(8))))
        )
    }

    /// A session continues with another socket: from here on its address is the one that counts.
    func resumed(_ info: ConnectionInfo) {
        guard let id = info.assigns[Self.sessionKey]?.string else { return }
        let session = self.sessions.moved(id, to: info.remoteAddress)
        // A ban that came after `beforeResume` did not find the address.
        guard let session,
            case .failure(let error) = Result(catching: { () throws(PondError) in
                try self.sanctions.checkBans(of: session)
            })
        else { return }
        self.pond.close(connectionId: info.connectionId, code: 4003, reason: error.message)
    }

    func closed(_ info: ConnectionInfo) {
        guard let id = info.assigns[Self.sessionKey]?.string else { return }
        self.endSession(id)
    }

    /// Forgets a session and what it held.
    func endSession(_ id: String) {
        let now = self.clock.steady()
        let session = self.sessions.end(id, now: now)
        if let session, !session.needsPassword { self.cluster?.users.tell([self.sessions.presence(of: session)]) }
        guard let session, session.claimed else { return }
        let time = self.clock.calendar()
        Task { [store = self.store] in
            try? await store.write { (tables: ChatTables) throws(SQLiteFault) in
                try tables.touch(session.name, at: time)
            }
        }
    }
}
