internal import PondChat
internal import PondKit

/// Who the user is: names, passwords, tokens, and others of whom one asks.
extension PondChatSession {
    func identified(_ identity: Identity) {
        if let token = identity.token {
            self.token.withLock { $0 = token }
            self.tokenIsFromServer = true
        }
        self.nick = identity.name.text
        self.emit(
            .identity(
                .init(
                    name: identity.name.text,
                    role: identity.role == .user ? nil : identity.role.rawValue,
                    isClaimed: identity.claimed,
                    needsPassword: identity.needsPassword,
                    token: identity.token
                )
            )
        )
    }

    /// Tells the directory a password; the right one for a name that needed it opens everything else.
    func prove(_ request: some ChatPayload, _ what: String) {
        guard let directory = self.directory else { return }
        let confined = LoopConfined(self, to: self.loop)
        let event = type(of: request).event
        self.asked()
        Task(executorPreference: self.loop) { [loop, emit] in
            do throws(PondError) {
                let identity = try Identity(try await directory.sendForResponse(event, try request.payload()))
                loop.execute {
                    confined.value.answered()
                    confined.value.proved(identity)
                }
            } catch {
                let message = error.message
                loop.execute {
                    confined.value.answered()
                    emit(.notice(room: nil, text: "\(what): \(message)"))
                }
            }
        }
    }

    func proved(_ identity: Identity) {
        self.identified(identity)
        // The connection itself stays what it was: with the token a new one is who it says.
        if identity.needsPassword { self.become(self.nick, token: self.token.withLock { $0 }) }
    }

    func whois(_ name: String) {
        guard let directory = self.directory else { return }
        let confined = LoopConfined(self, to: self.loop)
        self.asked()
        Task(executorPreference: self.loop) { [loop, emit] in
            do throws(PondError) {
                let request = WhoIsRequest(user: try UserName(name))
                let answer = try await directory.sendForResponse(WhoIsRequest.event, try request.payload())
                let person = KnownPerson(try WhoIs(answer))
                loop.execute {
                    confined.value.answered()
                    emit(.whois(person))
                }
            } catch {
                let message = error.message
                loop.execute {
                    confined.value.answered()
                    emit(.notice(room: nil, text: message))
                }
            }
        }
    }

    /// A name belongs to a connection: a new one is made under it.
    func rename(_ name: String) {
        guard (try? UserName(name)) != nil else {
            self.emit(.notice(room: nil, text: "\(name) cannot be a name"))
            return
        }
        let former = (nick: self.nick, token: self.token.withLock { $0 })
        let wasConnected = self.client?.status.state == .connected
        self.become(name, token: nil)
        if wasConnected { self.former = former }
    }

    /// Goes on under a name, over a new connection that takes up where the old one was.
    func become(_ name: String, token: String?) {
        self.nick = name
        self.token.withLock { $0 = token }
        self.emit(.nick(name))
        let wasThere = self.client != nil
        self.drop()
        if wasThere { self.connect(nil) }
    }

    func drop() {
        // A room that was left stays left; one that did not let us in may do so under another name.
        self.wanted = self.channels.filter { !$0.value.isLeft }.keys.sorted()
        self.known.formUnion(self.wanted)
        for channel in self.channels.values { channel.close() }
        self.channels = [:]
        self.directory?.leave()
        self.directory = nil
        self.client?.disconnect()
        self.client = nil
    }
}
