import PondChat

/// A room that is there from the start.
struct ConfiguredRoom: Sendable, Hashable {
    var room: RoomName
    var topic: String

    static let general = (try? RoomName("general")).map { ConfiguredRoom(room: $0, topic: "Everything and nothing") }
}
