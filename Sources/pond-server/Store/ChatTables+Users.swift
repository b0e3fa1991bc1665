import PondChat
import PondKit

/// What is remembered of a user: those who claimed their name or were given a role.
struct StoredUser: Sendable, Hashable {
    var name: UserName
    /// The hash of the password; `nil` when the name is not claimed.
    var password: String?
    var role: ChatRole
    var created: ChatTime
    var seen: ChatTime
    /// Tokens signed before this are void.
    var tokensFrom: ChatTime
    /// The person whom the password makes the owner of the name.
    var owner: NameOwner
}

extension ChatTables {
    private static let userSelection =
        "SELECT name, password, role, created, seen, tokens_from, owner, owned_from FROM users"

    /// What is remembered of a user.
    func user(_ name: UserName) throws(SQLiteFault) -> StoredUser? {
        try self.users("\(Self.userSelection) WHERE key = ?", [.text(name.key)]).first
    }

    /// Every user that is remembered, by name.
    func users() throws(SQLiteFault) -> [StoredUser] { try self.users("\(Self.userSelection) ORDER BY key", []) }

    /// A user who has a password and a name that looks like this one.
    func claimedUser(lookingLike name: UserName) throws(SQLiteFault) -> StoredUser? {
        try self.users(
            "\(Self.userSelection) WHERE skeleton = ? AND key <> ? AND password IS NOT NULL",
            [.text(name.skeleton), .text(name.key)]
        ).first
    }

    /// Notes again what the names look like, for the rules of an earlier version may have been others.
    func refreshSkeletons() throws(SQLiteFault) {
        for user in try self.users() {
            try self.connection.execute(
                "UPDATE users SET skeleton = ? WHERE key = ? AND skeleton <> ?",
                .text(user.name.skeleton),
                .text(user.name.key),
                .text(user.name.skeleton)
            )
        }
    }

    /// Gives a name a password, or another one; with another one, tokens signed before are void.
    func setPassword(
        _ hash: String?,
        of name: UserName,
        at now: ChatTime,
        owner: NameOwner? = nil
    ) throws(SQLiteFault) {
        try self.makeUser(name, at: now)
        let fresh = NameOwner(id: NameOwner.ofAccount(name, tokensFrom: now), since: now)
        let owner = hash == nil ? nil : owner ?? fresh
        try self.connection.execute(
            "UPDATE users SET password = ?, name = ?, tokens_from = ?, owner = ?, owned_from = ? WHERE key = ?",
            .text(orNull: hash),
            .text(name.text),
            .integer(now.milliseconds),
            .text(orNull: owner?.id),
            .integer(orNull: owner?.since.milliseconds),
            .text(name.key)
        )
    }

    /// Gives a user a role.
    func setRole(_ role: ChatRole, of name: UserName, at now: ChatTime) throws(SQLiteFault) {
        try self.makeUser(name, at: now)
        try self.connection.execute("UPDATE users SET role = ? WHERE key = ?", .text(role.rawValue), .text(name.key))
    }

    /// Notes that a user was here; does nothing for those who are not remembered.
    func touch(_ name: UserName, at now: ChatTime) throws(SQLiteFault) {
        try self.connection.execute(
            "UPDATE users SET seen = ? WHERE key = ?",
            .integer(now.milliseconds),
            .text(name.key)
        )
    }

    /// Makes all tokens of a user void that were signed before now.
    func voidTokens(of name: UserName, at now: ChatTime) throws(SQLiteFault) {
        try self.makeUser(name, at: now)
        try self.connection.execute(
            "UPDATE users SET tokens_from = ? WHERE key = ?",
            .integer(now.milliseconds),
            .text(name.key)
        )
    }

    /// Makes one token void; it is forgotten when it would have ended anyway.
    func voidToken(_ id: String, until end: ChatTime) throws(SQLiteFault) {
        try self.connection.execute(
            "INSERT OR REPLACE INTO revoked_tokens (id, until) VALUES (?, ?)",
            .text(id),
            .integer(end.milliseconds)
        )
    }

    /// Whether a token was made void.
    func isVoid(_ id: String) throws(SQLiteFault) -> Bool {
        try self.connection.number("SELECT count(*) FROM revoked_tokens WHERE id = ?", .text(id)) > 0
    }

    private func makeUser(_ name: UserName, at now: ChatTime) throws(SQLiteFault) {
        try self.connection.execute(
            "INSERT OR IGNORE INTO users (key, name, skeleton, created, seen) VALUES (?, ?, ?, ?, ?)",
            .text(name.key),
            .text(name.text),
            .text(name.skeleton),
            .integer(now.milliseconds),
            .integer(now.milliseconds)
        )
    }

    private func users(_ sql: String, _ values: [SQLiteValue]) throws(SQLiteFault) -> [StoredUser] {
        var users: [StoredUser] = []
        try self.connection.rows(sql, values) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            guard let name = try? UserName(row.text(0)) else { return true }
            let tokensFrom = ChatTime(milliseconds: row.integer(5))
            users.append(
                StoredUser(
                    name: name,
                    password: row.optionalText(1),
                    role: ChatRole(rawValue: row.text(2)) ?? .user,
                    created: ChatTime(milliseconds: row.integer(3)),
                    seen: ChatTime(milliseconds: row.integer(4)),
                    tokensFrom: tokensFrom,
                    owner: NameOwner(
                        id: row.optionalText(6) ?? NameOwner.ofAccount(name, tokensFrom: tokensFrom),
                        since: row.optionalInteger(7).map(ChatTime.init(milliseconds:)) ?? tokensFrom
                    )
                )
            )
            return true
        }
        return users
    }
}
