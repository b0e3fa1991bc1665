import PondChat
import PondKit

/// The sessions of accepted connections, and the names they hold.
final class ChatSessions: Sendable {
    private struct State {
        var names: NameTable
        /// By an id of this program's own.
        var sessions: [String: ChatSession] = [:]
    }

    private let state: Lock<State>

    init(deviceLimit: Int) { self.state = Lock(State(names: NameTable(deviceLimit: deviceLimit))) }

    // Queries

    func session(_ id: String) -> ChatSession? { self.state.withLock { $0.sessions[id] } }

    var all: [ChatSession] { self.state.withLock { Array($0.sessions.values) } }

    var count: Int { self.state.withLock { $0.sessions.count } }

    /// The users with at least one connection.
    var userCount: Int { self.state.withLock { $0.names.count } }

    /// The role of a connected user; `nil` where the user is not connected here.
    func role(of user: UserName) -> ChatRole? {
        self.state.withLock { $0.sessions.values.first { $0.name == user && !$0.needsPassword }?.role }
    }

    /// The name as its user writes it; `nil` where the user is not connected here.
    func present(_ user: UserName) -> UserName? { self.state.withLock { $0.names.present(user) } }

    func devices(of user: UserName) -> Int { self.state.withLock { $0.names.devices(of: user) } }

    func stay(of user: UserName) -> String? { self.state.withLock { $0.names.stay(of: user) } }

    /// The owner of a name that is taken or reserved.
    func owner(of user: UserName) -> String? { self.state.withLock { $0.names.owner(of: user) } }

    /// The last owner of a free name, as far as it is remembered.
    func lastOwner(of user: UserName) -> String? { self.state.withLock { $0.names.lastOwner(of: user) } }

    /// What other servers are told of one session's user.
    func presence(of session: ChatSession) -> SharedUsers.Presence {
        SharedUsers.Presence(name: session.name, role: session.role, devices: self.devices(of: session.name))
    }

    /// What other servers are told of all users here.
    var presences: [SharedUsers.Presence] {
        self.state.withLock { state in
            var roles: [UserName: ChatRole] = [:]
            for session in state.sessions.values where !session.needsPassword {
                roles[session.name] = max(roles[session.name] ?? .user, session.role)
            }
            return roles.map { name, role in
                SharedUsers.Presence(name: name, role: role, devices: state.names.devices(of: name))
            }
        }
    }

    /// The connections that came from addresses of a range.
    func connections(from range: AddressRange) -> [String] {
        self.state.withLock { $0.sessions.values.filter { range.contains($0.address) }.compactMap(\.connectionID) }
    }

    /// The connections that came with a token.
    func connections(ofToken id: String) -> [String] {
        self.state.withLock { $0.sessions.values.filter { $0.tokenID == id }.compactMap(\.connectionID) }
    }

    // Changes

    /// Takes a name for one more connection.
    func enter(_ session: ChatSession, right: Bool, stay: String, now: MonotonicTime) -> NameTable.Answer {
        self.state.withLock { state in
            state.names.enter(
                session.name,
                owner: session.owner.id,
                right: right,
                proven: session.claimed,
                stay: stay,
                now: now
            )
        }
    }

    func add(_ session: ChatSession, id: String) { self.state.withLock { $0.sessions[id] = session } }

    /// A session has its connection.
    func opened(_ id: String, connection: String) -> ChatSession? {
        self.update(id) { $0.connectionID = connection }
    }

    /// A session continues from another address.
    func moved(_ id: String, to address: String) -> ChatSession? { self.update(id) { $0.address = address } }

    /// A session continues under a newer token.
    func renewed(_ id: String, token: String, until expires: ChatTime) -> ChatSession? {
        self.update(id) { session in
            session.tokenID = token
            session.tokenExpires = expires
        }
    }

    private func update(_ id: String, _ change: (inout ChatSession) -> Void) -> ChatSession? {
        self.state.withLock { state in
            guard var session = state.sessions[id] else { return nil }
            change(&session)
            state.sessions[id] = session
            return session
        }
    }

    /// Ends a session, and with the last one of a user begins the time for which the name stays reserved.
    func end(_ id: String, now: MonotonicTime) -> ChatSession? {
        self.state.withLock { state in
            let session = state.sessions.removeValue(forKey: id)
            if let session, !session.needsPassword {
                state.names.leave(session.name, owner: session.owner.id, now: now)
            }
            return session
        }
    }

    /// Changes every session of a user; the role, where that is another one now.
    func change(_ user: UserName, _ change: (inout ChatSession) -> Void) -> ChatRole? {
        self.state.withLock { state in
            var role: ChatRole?
            for (id, session) in state.sessions where session.name == user && !session.needsPassword {
                var changed = session
                change(&changed)
                if changed.role != session.role { role = changed.role }
                state.sessions[id] = changed
            }
            return role
        }
    }

    /// Ends the sessions under a name that are not its owner's; their connections.
    func end(_ name: UserName, exceptOf owner: NameOwner) -> [String] {
        self.state.withLock { state in
            let ended = state.sessions.filter {
                $0.value.name == name && !$0.value.needsPassword && $0.value.owner.id != owner.id
            }
            for id in ended.keys { state.sessions[id] = nil }
            return ended.values.compactMap(\.connectionID)
        }
    }

    /// Frees a name, and ends the sessions of those who had it at a time; their connections. Whoever took the name since,
    /// on a server that heard of it before, keeps it.
    func release(_ name: UserName, at time: ChatTime) -> [String] {
        self.state.withLock { state in
            let holding = state.sessions.filter { $0.value.name == name && !$0.value.needsPassword }
            let ended = holding.filter { $0.value.owner.since <= time }
            for id in ended.keys { state.sessions[id] = nil }
            let owner = state.names.owner(of: name)
            if !holding.contains(where: { ended[$0.key] == nil && $0.value.owner.id == owner }) {
                state.names.release(name)
            }
            return ended.values.compactMap(\.connectionID)
        }
    }

    /// Frees the names whose time is over; the connections whose token expired, and the sessions without a connection.
    func sweep(steady: MonotonicTime, now: ChatTime) -> (expired: [String], unopened: [String]) {
        self.state.withLock { state in
            state.names.sweep(now: steady)
            var (expired, unopened) = ([String](), [String]())
            for (id, session) in state.sessions {
                if session.connectionID == nil, steady - session.accepted > .seconds(60) { unopened.append(id) }
                guard session.endsWithToken, let end = session.tokenExpires, end <= now else { continue }
                if let connection = session.connectionID { expired.append(connection) }
            }
            return (expired, unopened)
        }
    }
}
