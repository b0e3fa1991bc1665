import PondChat
import PondKit

/// Which rooms there are, who is in them, and what the directory has yet to be told. Pure.
struct RoomTable: Sendable {
    private struct Room {
        var stored: StoredRoom
        /// The connections of each user that is in the room.
        var members: [String: Int] = [:]
        /// When each user spoke last, in slow mode.
        var spoke: [String: MonotonicTime] = [:]
    }

    private var rooms: [RoomName: Room] = [:]
    /// What other nodes say of their rooms, and when they said so last.
    private var elsewhere: [String: (rooms: [RoomName: SharedRooms.Room], heard: MonotonicTime)] = [:]
    private static let silence: Duration = .seconds(15)
    private var changed: Set<RoomName> = []
    private var gone: Set<RoomName> = []

    /// The rooms that users made.
    var madeCount: Int { self.rooms.values.count { !$0.stored.permanent } }

    /// The number of rooms.
    var count: Int { self.rooms.count }

    /// What is known of a room that there is.
    func room(_ name: RoomName) -> StoredRoom? { self.rooms[name]?.stored ?? self.stored(elsewhere: name) }

    /// Adds a room, or changes what is known of it.
    mutating func put(_ room: StoredRoom) {
        self.rooms[room.room, default: Room(stored: room)].stored = room
        self.noteChange(room.room)
    }

    /// Whether no other room looks like one of this name.
    func mayMake(_ name: RoomName) -> Bool {
        let skeleton = name.skeleton
        return !self.rooms.keys.contains { $0 != name && $0.skeleton == skeleton }
    }

    /// One more connection of a user in a room.
    mutating func enter(_ name: RoomName, _ user: UserName) {
        let standard =
            self.stored(elsewhere: name) ?? StoredRoom(room: name, topic: "", slowSeconds: 0, permanent: false)
        self.rooms[name, default: Room(stored: standard)].members[user.key, default: 0] += 1
        self.noteChange(name)
    }

    /// One connection of a user less in a room; a room that users made goes with its last user.
    mutating func leave(_ name: RoomName, _ user: UserName) {
        guard let devices = self.rooms[name]?.members[user.key] else { return }
        self.rooms[name]?.members[user.key] = devices > 1 ? devices - 1 : nil
        guard let room = self.rooms[name] else { return }
        if room.members.isEmpty, !room.stored.permanent {
            self.rooms[name] = nil
            self.noteEnd(name)
        } else {
            self.noteChange(name)
        }
    }

    /// Takes a room away.
    mutating func remove(_ name: RoomName) {
        guard self.rooms.removeValue(forKey: name) != nil else { return }
        self.noteEnd(name)
    }

    /// Takes a room away in which nobody is.
    mutating func removeEmpty(_ name: RoomName) {
        if self.rooms[name]?.members.isEmpty == true { self.remove(name) }
    }

    /// The seconds until a user may speak in a room with slow mode; `nil` when they may, and have now spoken.
    mutating func speak(_ name: RoomName, _ user: UserName, now: MonotonicTime) -> Double? {
        guard let room = self.rooms[name], room.stored.slowSeconds > 0 else { return nil }
        let interval = Duration.seconds(room.stored.slowSeconds)
        if let last = room.spoke[user.key], now - last < interval { return (interval - (now - last)).inSeconds }
        self.spoke(name, user, now: now)
        return nil
    }

    /// A user has spoken in a room with slow mode.
    mutating func spoke(_ name: RoomName, _ user: UserName, now: MonotonicTime) {
        guard let room = self.rooms[name] else { return }
        if room.spoke.count > 1_000 {
            let interval = Duration.seconds(room.stored.slowSeconds)
            self.rooms[name]?.spoke = room.spoke.filter { now - $0.value < interval }
        }
        self.rooms[name]?.spoke[user.key] = now
    }

    /// The rooms a user is in on this server.
    func roomsHere(of user: UserName) -> [RoomName] {
        self.rooms.filter { $0.value.members[user.key] != nil }.keys.sorted()
    }

    /// The rooms a user is in.
    func rooms(of user: UserName) -> [RoomName] {
        let here = self.roomsHere(of: user)
        let elsewhere = self.elsewhere.values.flatMap { node in
            node.rooms.values.filter { $0.members.contains(user.key) }.map(\.room)
        }
        return Set(here).union(elsewhere).sorted()
    }

    /// Every room, by name.
    var list: RoomList { RoomList(rooms: self.names.sorted().compactMap(self.info)) }

    private var names: Set<RoomName> {
        self.elsewhere.values.reduce(into: Set(self.rooms.keys)) { $0.formUnion($1.rooms.keys) }
    }

    /// What the directory was not told yet; `nil` when there is nothing.
    mutating func takeChanges() -> RoomsChanged? {
        guard !self.changed.isEmpty || !self.gone.isEmpty else { return nil }
        defer {
            self.changed = []
            self.gone = []
        }
        return RoomsChanged(rooms: self.changed.sorted().compactMap(self.info), gone: self.gone.sorted())
    }

    private mutating func noteChange(_ name: RoomName) {
        self.gone.remove(name)
        self.changed.insert(name)
    }

    /// A room that is here no more may be elsewhere.
    private mutating func noteEnd(_ name: RoomName) {
        guard self.stored(elsewhere: name) == nil else { return self.noteChange(name) }
        self.changed.remove(name)
        self.gone.insert(name)
    }

    private func info(_ name: RoomName) -> RoomInfo? {
        guard let stored = self.room(name) else { return nil }
        var members = Set(self.rooms[name]?.members.keys.map { $0 } ?? [])
        for node in self.elsewhere.values { members.formUnion(node.rooms[name]?.members ?? []) }
        return RoomInfo(room: name, topic: stored.topic, members: members.count, permanent: stored.permanent)
    }

    // Other nodes

    /// What others are told: the rooms that somebody is in here.
    var shared: [SharedRooms.Room] {
        self.rooms.filter { !$0.value.members.isEmpty }.sorted { $0.key < $1.key }.map { name, room in
            SharedRooms.Room(
                room: name,
                topic: room.stored.topic,
                slowSeconds: room.stored.slowSeconds,
                permanent: room.stored.permanent,
                members: room.members.keys.sorted()
            )
        }
    }

    /// A node said which rooms it has.
    mutating func heard(_ shared: SharedRooms, now: MonotonicTime) {
        let before = self.elsewhere[shared.node]?.rooms ?? [:]
        let rooms = Dictionary(shared.rooms.map { ($0.room, $0) }) { first, _ in first }
        self.elsewhere[shared.node] = (rooms, now)
        for name in Set(before.keys).union(rooms.keys) where before[name] != rooms[name] { self.noteNews(of: name) }
    }

    /// Forgets what nodes said that say nothing any more; whether there were any.
    mutating func forgetSilent(now: MonotonicTime) -> Bool {
        var isNews = false
        for (node, said) in self.elsewhere where now - said.heard >= Self.silence {
            self.elsewhere[node] = nil
            for name in said.rooms.keys { self.noteNews(of: name) }
            isNews = true
        }
        return isNews
    }

    private mutating func noteNews(of name: RoomName) {
        if self.rooms[name] == nil { self.noteEnd(name) } else { self.noteChange(name) }
    }

    private func stored(elsewhere name: RoomName) -> StoredRoom? {
        guard let room = self.elsewhere.values.lazy.compactMap({ $0.rooms[name] }).first else { return nil }
        return StoredRoom(
            room: name,
            topic: room.topic,
            slowSeconds: room.slowSeconds,
            permanent: room.permanent
        )
    }
}
