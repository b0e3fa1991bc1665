import PondChat
import PondKit

/// What all servers change alike.
extension ChatTables {
    /// Makes a change, of this server where it `isOwn`.
    func apply(_ change: SharedChange, isOwn: Bool = true) throws(SQLiteFault) {
        if let imposed = change.imposed { try self.impose(imposed.sanction) }
        if let lifted = change.lifted {
            let channel = lifted.channel.flatMap(ChatChannel.init(path:))
            _ = try self.lift(lifted.isBan ? .ban : .mute, of: lifted.user, in: channel)
        }
        if let ban = change.banned?.ban { try self.impose(ban) }
        if let range = change.unbanned.flatMap(AddressRange.init) { _ = try self.lift(range) }
        if let room = change.room { try self.save(room.stored, at: room.at) }
        if let room = change.forgotten { _ = try self.forget(.lobby(room), tellingRedis: isOwn) }
        if let role = change.role { try self.setRole(role.role, of: role.user, at: role.at) }
        if let password = change.password {
            try self.setPassword(password.hash, of: password.user, at: password.at, owner: password.nameOwner)
        }
        if let released = change.released {
            // A role must not go to whoever takes the name next.
            try self.setRole(.user, of: released.user, at: released.at)
            try self.setPassword(nil, of: released.user, at: released.at)
        }
        if let erased = change.erased { try self.erase(erased.user, at: erased.at) }
        if let tokens = change.tokensFrom { try self.voidTokens(of: tokens.user, at: tokens.at) }
        if let token = change.voided { try self.voidToken(token.id, until: token.until) }
    }

    /// What holds here, as changes that would make it so.
    func facts(at now: ChatTime) throws(SQLiteFault) -> [SharedChange] {
        var facts = try self.sanctions(at: now).map { SharedChange.impose($0) }
        facts += try self.addressBans(at: now).map { SharedChange.impose($0) }
        facts += try self.rooms().filter { !$0.topic.isEmpty || $0.slowSeconds > 0 }.map { .save($0, at: now) }
        for user in try self.users() {
            if user.role > .user {
                facts.append(SharedChange(role: SharedChange.Role(user: user.name, role: user.role, at: now)))
            }
            if let hash = user.password {
                let password = SharedChange.Password(
                    user: user.name,
                    hash: hash,
                    at: user.tokensFrom,
                    owner: user.owner
                )
                facts.append(SharedChange(password: password))
            } else if user.tokensFrom.milliseconds > 0 {
                facts.append(SharedChange(tokensFrom: SharedChange.Named(user: user.name, at: user.tokensFrom)))
            }
        }
        try self.connection.rows("SELECT id, until FROM revoked_tokens") {
            (row: borrowing SQLiteRow) throws(SQLiteFault) in
            let token = SharedChange.Token(id: row.text(0), until: ChatTime(milliseconds: row.integer(1)))
            facts.append(SharedChange(voided: token))
            return true
        }
        return facts
    }

    // What the others do not know yet

    /// Notes a change that the other servers are yet to be told.
    func note(_ change: SharedChange, untold id: String) throws(SQLiteFault) {
        guard let payload = try? change.payload() else { return }
        try self.connection.execute(
            "INSERT OR IGNORE INTO untold (id, change) VALUES (?, ?)",
            .text(id),
            .text(String(decoding: payload.bytes, as: UTF8.self))
        )
    }

    /// Every change that the other servers were not told, in the order they were made.
    func untold() throws(SQLiteFault) -> [(id: String, change: SharedChange)] {
        var untold: [(id: String, change: SharedChange)] = []
        try self.connection.rows("SELECT id, change FROM untold ORDER BY row") {
            (row: borrowing SQLiteRow) throws(SQLiteFault) in
            let bytes = Array(row.text(1).utf8)
            if let payload = try? Payload(parsing: bytes), let change = try? SharedChange(payload) {
                untold.append((id: row.text(0), change: change))
            }
            return true
        }
        return untold
    }

    /// The other servers were told of a change.
    func forgetUntold(_ id: String) throws(SQLiteFault) {
        try self.connection.execute("DELETE FROM untold WHERE id = ?", .text(id))
    }
}
