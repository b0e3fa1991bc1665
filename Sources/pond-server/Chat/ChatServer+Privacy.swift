import PondChat
import PondKit

/// What members may see of what is sent to all, live and recovered: in a conversation nothing that was said to or by an
/// earlier owner of their name. Pages and searches ask the same of the tables; see `VisibleMessages`.
extension ChatServer {
    func addPrivacy(to lobby: Lobby, isDirect: Bool) throws(PondError) {
        // Read marks are addressed to a name, and one that is recovered may be an earlier owner's.
        try lobby.onOutgoing(ReadState.event) { context in
            let owner = self.recipient(of: context)?.owner.id
            guard let owner, var state = context.payload.json.object, state["owner"]?.string == owner else {
                return context.block()
            }
            state["owner"] = nil
            context.transform(Payload(state))
        }
        guard isDirect else { return }
        for event in [ChatMessage.event, MessageEdited.event, MessageRemoved.event] {
            try lobby.onOutgoing(event) { context in
                let isSeen = self.recipient(of: context).flatMap { session in
                    Self.parties(of: context.payload, event).map(session.sees)
                }
                if isSeen != true { context.block() }
            }
        }
    }

    /// The directory's notices of messages, which hold the latest one.
    func addPrivacy(toDirectory lobby: Lobby) throws(PondError) {
        try lobby.onOutgoing(DirectNotice.event) { context in
            guard let last = context.payload["last"] else { return }
            let parties = Self.parties(last)
            guard let session = self.recipient(of: context), let parties, session.sees(parties) else {
                return context.block()
            }
        }
    }

    private func recipient(of context: OutgoingContext) -> ChatSession? {
        guard let id = context.user.assigns[Self.sessionKey]?.string else { return nil }
        return self.sessions.session(id)
    }

    /// Whose a message or a change of one is; `nil` for a change of which that is not told.
    private static func parties(of payload: Payload, _ event: String) -> MessageParties? {
        self.parties(event == ChatMessage.event ? payload.json : payload["parties"])
    }

    private static func parties(_ json: JSON?) -> MessageParties? {
        guard let json, let sender = json["sender"]?.string.flatMap({ try? UserName($0) }),
            let at = json["at"]?.double.flatMap({ Int64(exactly: $0) })
        else { return nil }
        return MessageParties(
            sender: sender,
            author: json["author"]?.string,
            reader: json["reader"]?.string,
            at: ChatTime(milliseconds: at)
        )
    }

    /// The person to whom a message to a name is: whoever has the name, or else had it last in this conversation. `nil`
    /// where nobody can say, so that the time decides.
    func addressee(_ name: UserName, in channel: ChatChannel) async throws(PondError) -> String? {
        if let owner = self.sessions.owner(of: name) { return owner }
        let (user, last) = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            (try tables.user(name), try tables.lastOwner(of: name, in: channel))
        }
        if let user, user.password != nil { return user.owner.id }
        let now = self.clock.calendar()
        if self.configuration.authentication == .token { return NameOwner.ofToken(name, since: now).id }
        if let cluster = self.cluster {
            switch await cluster.users.holder(of: name) {
            case .unknown: return nil
            case .held(SharedUsers.byToken): return NameOwner.ofToken(name, since: now).id
            // A password that is not known here yet.
            case .held(SharedUsers.byPassword): return nil
            case .held(let stay): return NameOwner.ofStay(stay, name: name, at: now).id
            case .free: break
            }
        }
        if let last, !last.isEmpty { return last }
        return self.sessions.lastOwner(of: name) ?? NameOwner.nobody
    }
}
