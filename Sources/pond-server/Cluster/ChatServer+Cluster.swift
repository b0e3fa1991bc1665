import PondChat
import PondKit

/// What changes elsewhere.
extension ChatServer {
    /// The names of those who are here.
    var namesHere: Set<UserName> {
        self.state.withLock { state in Set(state.sessions.values.lazy.filter { !$0.needsPassword }.map(\.name)) }
    }

    /// Takes a change of another node, which the tables have taken, into what is known from moment to moment.
    func apply(_ change: SharedChange) {
        if let sanction = change.imposed?.sanction {
            self.state.withLock { $0.sanctions.impose(sanction) }
            if sanction.kind == .ban { self.remove(sanction.user, from: sanction.channel, sanction.reason ?? "banned") }
        }
        if let lifted = change.lifted {
            let channel = lifted.channel.flatMap(ChatChannel.init(path:))
            self.state.withLock { $0.sanctions.lift(lifted.isBan ? .ban : .mute, of: lifted.user, in: channel) }
        }
        if let ban = change.banned?.ban { self.keepOut(ban) }
        if let range = change.unbanned.flatMap(AddressRange.init) {
            self.state.withLock { $0.addressBans.lift(range) }
        }
        if let room = change.room?.stored {
            self.state.withLock { state in
                if state.rooms.room(room.room) != nil || room.permanent { state.rooms.put(room) }
            }
            self.tellDirectorySoon()
        }
        if let role = change.role { self.changeSessions(of: role.user) { $0.role = role.role } }
        if let password = change.password {
            let isAdmin = self.configuration.admins.contains(password.user)
            self.changeSessions(of: password.user) { session in
                session.claimed = true
                if isAdmin { session.role = .admin }
            }
        }
    }

    /// Lets a user go who may have come in again before the ban was known here; from everywhere where no channel is named.
    private func remove(_ user: UserName, from channel: ChatChannel?, _ reason: String) {
        guard let channel else { return self.pond.disconnect(userId: user.key, code: 4003, reason: reason) }
        self.pond.channel(ConnectionParameters.endpoint, channel.path)?.evict(user.key, reason: reason)
    }

    private func changeSessions(of user: UserName, _ change: (inout ChatSession) -> Void) {
        self.state.withLock { state in
            for (id, session) in state.sessions where session.name == user && !session.needsPassword {
                var changed = session
                change(&changed)
                state.sessions[id] = changed
            }
        }
    }
}

extension ChatTables {
    /// Makes a change of another node.
    func apply(_ change: SharedChange) throws(SQLiteFault) {
        if let imposed = change.imposed { try self.impose(imposed.sanction) }
        if let lifted = change.lifted {
            let channel = lifted.channel.flatMap(ChatChannel.init(path:))
            _ = try self.lift(lifted.isBan ? .ban : .mute, of: lifted.user, in: channel)
        }
        if let ban = change.banned?.ban { try self.impose(ban) }
        if let range = change.unbanned.flatMap(AddressRange.init) { _ = try self.lift(range) }
        if let room = change.room { try self.save(room.stored, at: room.at) }
        if let role = change.role { try self.setRole(role.role, of: role.user, at: role.at) }
        if let password = change.password {
            try self.setPassword(password.hash, of: password.user, at: password.at)
        }
        if let mark = change.mark, let channel = ChatChannel(path: mark.channel) {
            _ = try self.markRead(mark.upTo, by: mark.user, in: channel)
        }
    }
}
