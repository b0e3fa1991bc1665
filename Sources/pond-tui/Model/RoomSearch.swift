/// Rooms found by a few letters of their names.
enum RoomSearch {
    /// The rooms that fit, the best first; without a query, unread ones first.
    static func rooms(_ query: String, in rooms: [Room]) -> [String] {
        let bare = query.hasPrefix("#") ? String(query.dropFirst()) : query
        return rooms.enumerated().compactMap { index, room in
            FuzzyMatch.score(bare, room.name).map { (score: $0, room: room, index: index) }
        }.sorted { left, right in
            let leftWeight = (left.score, left.room.rank, left.index)
            let rightWeight = (right.score, right.room.rank, right.index)
            return bare.isEmpty
                ? (leftWeight.1, leftWeight.2) < (rightWeight.1, rightWeight.2) : leftWeight < rightWeight
        }.map(\.room.name)
    }

    /// The rooms of the server's list that fit and are not among these, the best and fullest first.
    static func others(_ query: String, in directory: [String: ListedRoom], beside rooms: [Room]) -> [String] {
        let bare = query.hasPrefix("#") ? String(query.dropFirst()) : query
        let known = Set(rooms.map(\.name))
        return directory.values.filter { !known.contains($0.name) }
            .compactMap { room in FuzzyMatch.score(bare, room.name).map { (score: $0, room: room) } }
            .sorted { left, right in
                (bare.isEmpty ? 0 : left.score, right.room.members, left.room.name)
                    < (bare.isEmpty ? 0 : right.score, left.room.members, right.room.name)
            }
            .prefix(50).map(\.room.name)
    }
}

/// A room of the server's list, whether the user is in it or not.
struct ListedRoom: Hashable, Sendable {
    /// The name without `#`.
    var name: String
    var topic: String
    var members: Int
}
