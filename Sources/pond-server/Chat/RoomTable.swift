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
    private var changed: Set<RoomName> = []
    private var gone: Set<RoomName> = []

    /// The rooms that users made.
    var madeCount: Int { self.rooms.values.count { !$0.stored.permanent } }

    /// The number of rooms.
    var count: Int { self.rooms.count }

    /// What is known of a room that there is.
    func room(_ name: RoomName) -> StoredRoom? { self.rooms[name]?.stored }

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
        let standard = StoredRoom(room: name, topic: "", slowSeconds: 0, permanent: false)
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
            self.changed.remove(name)
            self.gone.insert(name)
        } else {
            self.noteChange(name)
        }
    }

    /// Takes a room away.
    mutating func remove(_ name: RoomName) {
        guard self.rooms.removeValue(forKey: name) != nil else { return }
        self.changed.remove(name)
        self.gone.insert(name)
    }

    /// The seconds until a user may speak in a room with slow mode; `nil` when they may, and have now spoken.
    mutating func speak(_ name: RoomName, _ user: UserName, now: MonotonicTime) -> Double? {
        guard let room = self.rooms[name], room.stored.slowSeconds > 0 else { return nil }
        let interval = Duration.seconds(room.stored.slowSeconds)
        if let last = room.spoke[user.key], now - last < interval { return (interval - (now - last)).inSeconds }
        if room.spoke.count > 1_000 { self.rooms[name]?.spoke = room.spoke.filter { now - $0.value < interval } }
        self.rooms[name]?.spoke[user.key] = now
        return nil
    }

    /// The rooms a user is in.
    func rooms(of user: UserName) -> [RoomName] {
        self.rooms.filter { $0.value.members[user.key] != nil }.keys.sorted()
    }

    /// Every room, by name.
    var list: RoomList { RoomList(rooms: self.rooms.keys.sorted().compactMap(self.info)) }

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

    private func info(_ name: RoomName) -> RoomInfo? {
        self.rooms[name].map {
            RoomInfo(room: name, topic: $0.stored.topic, members: $0.members.count, permanent: $0.stored.permanent)
        }
    }
}
