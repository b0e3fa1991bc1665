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
            let stay = session.claimed ? nil : self.sessions.stay(of: session.name)
            context.reply(Identity.event, try self.identity(of: session, stay: stay).payload())
        }
    }

    /// A new token from whoever signs them: the connection goes on until that one ends.
    private func renew(_ session: ChatSession, with token: String, _ context: EventContext) async throws {
        try await self.take([(self.guessing.tokens, session.addressKey)])
        let claims = try self.claims(in: token)
        guard claims.name == session.name else { throw PondError.unauthorized("the token is for another name") }
        let (isVoid, user) = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            (try tables.isVoid(claims.id), try tables.user(claims.name))
        }
        guard !isVoid, claims.isIssued(from: user?.tokensFrom, upTo: self.clock.calendar()) else {
            throw PondError.unauthorized("the token was revoked")
        }
        guard let id = context.connection.assigns[Self.sessionKey]?.string else { return }
        let renewed = self.sessions.renewed(id, token: claims.id, until: claims.expires)
        guard let renewed else { return }
        context.reply(Identity.event, try self.identity(of: renewed, stay: claims.stay).payload())
    }

    /// The right password gets a token, with which to connect again under the name.
    private func check(_ password: String, for session: ChatSession, _ context: EventContext) async throws {
        let user = try await self.verify(password, of: session)
        let claims = self.freshClaims(for: session.name, stay: nil, notBefore: user.tokensFrom)
        var identity = self.identity(of: session, stay: nil)
        identity.token = self.tokens.sign(claims)
        identity.tokenExpires = claims.expires
        context.reply(Identity.event, try identity.payload())
    }

    /// Throws where a password is not the one of the user's name, or where too many were tried.
    private func verify(_ password: String, of session: ChatSession) async throws(PondError) -> StoredUser {
        try await self.countGuess(of: session)
        let user = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.user(session.name)
        }
        guard password.utf8.count <= self.chatLimits.passwordBytes.upperBound, let user, let stored = user.password,
            try await self.passwords.verify(password, stored)
        else {
            self.watch.wrongPassword(of: session)
            throw ChatError.wrongPassword
        }
        return user
    }

    /// Counts a password that is tried. An address has a budget of its own for each name, so that a stranger's guesses
    /// do not keep the owner out; when many addresses together have used up the name's budget, each has one try an hour,
    /// which is enough for the right password.
    private func countGuess(of session: ChatSession) async throws(PondError) {
        let (name, address) = (session.name.key, session.addressKey)
        try await self.take([(self.guessing.addresses, address), (self.guessing.names, "\(name) \(address)")])
        do throws(PondError) {
            try await self.take([(self.guessing.everywhere, name)])
        } catch  where error.kind == .rateLimited {
            try await self.take([(self.guessing.lastTries, "\(name) \(address)")])
        }
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
        try await self.take([(self.guessing.claims, session.addressKey)])
        let known = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.user(session.name)
        }
        let hasPassword = known?.password != nil
        if hasPassword {
            guard let present = request.present else { throw ChatError.presentPasswordNeeded(session.name) }
            _ = try await self.verify(present, of: session)
        }
        let hash = try await self.passwords.hash(request.password)
        // Later than every token that holds now, whatever the clock said when that one was made.
        let now = max(self.clock.calendar(), (known?.tokensFrom ?? .init(milliseconds: 0)) + .milliseconds(1))
        let made = try await self.make { (tables: ChatTables) throws(SQLiteFault) in
            guard try tables.claimedUser(lookingLike: session.name) == nil else { return nil }
            // Somebody else may have given the name a password meanwhile.
            let password = try tables.user(session.name)?.password
            guard hasPassword || password == nil else { return nil }
            return SharedChange(
                password: SharedChange.Password(user: session.name, hash: hash, at: now, owner: session.owner)
            )
        }
        guard made != nil else { throw ChatError.nameTaken(session.name) }
        var claimed = session
        claimed.claimed = true
        claimed.tokensFrom = now
        if self.configuration.admins.contains(session.name) { claimed.role = .admin }
        self.log.info("name claimed", ("user", .string(session.name.text)))
        context.reply(Identity.event, try self.identity(of: claimed, stay: nil).payload())
    }
}
