/// What other nodes do to a channel.
extension Channel {
    /// Gives the message of another node to the members it names, as one more broadcast.
    func deliver(_ broadcast: DistributedMessage.Broadcast) {
        let recipients: Recipients =
            switch broadcast.recipients {
            case .allUsers: .all
            case .allExceptSender: .allExcept(broadcast.fromUserId)
            case .users(let ids): .users(ids)
            }
        self.deliver(broadcast.event, broadcast.payload, requestId: broadcast.requestId, to: recipients)
    }

    /// Shows what changed of the presence of users of other nodes.
    func show(_ changes: [PresenceChange]) {
        for change in changes { self.announce(self.presence.apply(change)) }
    }

    /// Another node changed what is tracked of a user of this one.
    func setPresence(of userId: String, to presence: Payload?) {
        for member in self.members(of: userId) where self.presence.entry(of: member.id) != nil {
            guard let presence else {
                try? self.untrack(member, telling: false)
                continue
            }
            let value = presence.json.object ?? [:]
            if let change = self.presence.update(member.id, value: value, text: presence.bytes) {
                self.announce(change)
            }
        }
    }

    /// Lays members over what is remembered about a user, wherever it is.
    func assign(_ assigns: JSONObject, to userId: String) {
        let members = self.members(of: userId)
        for member in members { member.assigns = member.assigns.merging(assigns) }
        if let member = members.first {
            self.cluster?.assigned(userId, member.assigns)
        } else {
            self.cluster?.assign(assigns, to: userId)
        }
    }

    /// The users of this node and of all others, each once.
    var users: [User] {
        self.localUsers + (self.cluster?.remoteUsers.map(\.user) ?? [])
    }

    /// A user of this node or, as far as is known, of another.
    func user(_ id: String) -> User? { self.member(of: id)?.user ?? self.cluster?.remoteUser(id)?.user }
}

extension DistributedUser {
    /// The user as handlers see it.
    var user: User { User(id: self.id, assigns: self.assigns, presence: self.presence?.json.object) }
}
