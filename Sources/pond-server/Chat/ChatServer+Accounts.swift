import PondChat
import PondKit

/// Names and passwords, on the directory.
extension ChatServer {
    func addAccounts(to lobby: Lobby) throws(PondError) {
        try lobby.onMessage(Identify.event) { context in try await self.identify(context) }
        try lobby.onMessage(ClaimName.event) { context in try await self.claim(context) }
    }

    private func identify(_ context: EventContext) async throws {
        let session = try self.session(context)
        let request: Identify = try context.decode()
        if let token = request.token {
            try await self.renew(session, with: token, context)
        } else if session.needsPassword {
            try await self.check(request.password ?? "", for: session, context)
        } else {
            try self.take(self.asking, session.name.key, "too many questions")
            let stay = session.claimed ? nil : self.state.withLock { $0.names.stay(of: session.name) }
            context.reply(Identity.event, try self.identity(of: session, stay: stay).payload())
        }
    }

    /// A new token from whoever signs them: the connection goes on until that one ends.
    private func renew(_ session: ChatSession, with token: String, _ context: EventContext) async throws {
        try await self.take([(self.guessing.tokens, session.address)])
        let claims = try self.claims(in: token)
        guard claims.name == session.name else { throw PondError.unauthorized("the token is for another name") }
        let (isVoid, user) = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            (try tables.isVoid(claims.id), try tables.user(claims.name))
        }
        guard !isVoid, claims.issued >= user?.tokensFrom ?? claims.issued else {
            throw PondError.unauthorized("the token was revoked")
        }
        guard let id = context.connection.assigns[Self.sessionKey]?.string else { return }
        let renewed = self.state.withLock { state in
            state.sessions[id]?.tokenID = claims.id
            state.sessions[id]?.tokenExpires = claims.expires
            return state.sessions[id]
        }
        guard let renewed else { return }
        context.reply(Identity.event, try self.identity(of: renewed, stay: claims.stay).payload())
    }

    /// The right password gets a token, with which to connect again under the name.
    private func check(_ password: String, for session: ChatSession, _ context: EventContext) async throws {
        // By name too, for addresses are cheap; the owner has tokens and other ways in.
        try await self.take([
            (self.guessing.addresses, session.address), (self.guessing.names, session.name.key),
        ])
        let stored = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.user(session.name)?.password
        }
        guard password.utf8.count <= self.chatLimits.passwordBytes.upperBound, let stored,
            try await self.passwords.verify(password, stored)
        else {
            if self.state.withLock({ $0.wrongPasswordLines.admit(now: self.clock.steady()) }) {
                self.log.warning(
                    "wrong password",
                    ("user", .string(session.name.text)),
                    ("address", .string(session.address))
                )
            }
            throw ChatError.wrongPassword
        }
        let claims = self.freshClaims(for: session.name, stay: nil)
        var identity = self.identity(of: session, stay: nil)
        identity.token = self.tokens.sign(claims)
        identity.tokenExpires = claims.expires
        context.reply(Identity.event, try identity.payload())
    }

    private func claim(_ context: EventContext) async throws {
        let session = try self.session(context)
        guard !session.needsPassword else { throw ChatError.passwordNeeded(session.name) }
        guard self.configuration.authentication == .open else {
            throw PondError.forbidden("names of this server come with their tokens")
        }
        let request: ClaimName = try context.decode()
        let bounds = self.chatLimits.passwordBytes
        guard bounds.contains(request.password.utf8.count) else {
            throw PondError.badRequest("a password has \(bounds.lowerBound) to \(bounds.upperBound) bytes")
        }
        try await self.take([(self.guessing.claims, session.address)])
        let hash = try await self.passwords.hash(request.password)
        let now = self.clock.calendar()
        let made = try await self.make { (tables: ChatTables) throws(SQLiteFault) in
            guard try tables.claimedUser(lookingLike: session.name) == nil else { return nil }
            return SharedChange(
                password: SharedChange.Password(user: session.name, hash: hash, at: now, owner: session.owner)
            )
        }
        guard made != nil else { throw ChatError.nameTaken(session.name) }
        var claimed = session
        claimed.claimed = true
        if self.configuration.admins.contains(session.name) { claimed.role = .admin }
        self.log.info("name claimed", ("user", .string(session.name.text)))
        context.reply(Identity.event, try self.identity(of: claimed, stay: nil).payload())
    }
}
