import PondChat
import PondKit

/// The rooms of this server and of the others, and what the directory has yet to be told of them.
final class ChatRooms: Sendable {
    private struct State {
        var table = RoomTable()
        /// Whether the directory will be told of changes soon.
        var directoryIsDue = false
    }

    private let state = Lock(State())

    // Queries

    func room(_ name: RoomName) -> StoredRoom? { self.state.withLock { $0.table.room(name) } }

    var list: RoomList { self.state.withLock { $0.table.list } }

    var count: Int { self.state.withLock { $0.table.count } }

    /// The rooms that have members here, for other servers.
    var shared: [SharedRooms.Room] { self.state.withLock { $0.table.shared } }

    func rooms(of user: UserName) -> [RoomName] { self.state.withLock { $0.table.rooms(of: user) } }

    func roomsHere(of user: UserName) -> [RoomName] { self.state.withLock { $0.table.roomsHere(of: user) } }

    /// What decides whether a room may be made: does it exist, how many did users make, does no other look like it.
    func admission(of name: RoomName) -> (exists: Bool, made: Int, isUnique: Bool) {
        self.state.withLock { ($0.table.room(name) != nil, $0.table.madeCount, $0.table.mayMake(name)) }
    }

    // Changes

    /// Adds the rooms that were stored, of which nobody needs to be told.
    func begin(_ rooms: [StoredRoom]) {
        self.state.withLock { state in
            for room in rooms { state.table.put(room) }
            _ = state.table.takeChanges()
        }
    }

    func put(_ room: StoredRoom) { self.state.withLock { $0.table.put(room) } }

    /// Takes a change of a room; not of one that users made and the last of them has left meanwhile.
    func putExisting(_ room: StoredRoom) {
        self.state.withLock { state in
            if state.table.room(room.room) != nil || room.permanent { state.table.put(room) }
        }
    }

    func enter(_ name: RoomName, _ user: UserName) { self.state.withLock { $0.table.enter(name, user) } }

    func leave(_ name: RoomName, _ user: UserName) { self.state.withLock { $0.table.leave(name, user) } }

    func removeEmpty(_ name: RoomName) { self.state.withLock { $0.table.removeEmpty(name) } }

    /// The seconds until a user may speak in a room with slow mode; `nil` when they may, and have now spoken.
    func speak(_ name: RoomName, _ user: UserName, now: MonotonicTime) -> Double? {
        self.state.withLock { $0.table.speak(name, user, now: now) }
    }

    /// A user has spoken in a room with slow mode.
    func spoke(_ name: RoomName, _ user: UserName, now: MonotonicTime) {
        self.state.withLock { $0.table.spoke(name, user, now: now) }
    }

    func heard(_ shared: SharedRooms, now: MonotonicTime) { self.state.withLock { $0.table.heard(shared, now: now) } }

    /// Removes the rooms of servers that no longer list theirs; whether there were any.
    func forgetSilent(now: MonotonicTime) -> Bool { self.state.withLock { $0.table.forgetSilent(now: now) } }

    // The directory

    /// Whether the directory has to be told soon, and nobody sees to it yet.
    func claimDirectory() -> Bool {
        self.state.withLock { state in
            defer { state.directoryIsDue = true }
            return !state.directoryIsDue
        }
    }

    /// What the directory was not told yet; `nil` when there is nothing.
    func takeChanges() -> RoomsChanged? {
        self.state.withLock { state in
            state.directoryIsDue = false
            return state.table.takeChanges()
        }
    }
}
