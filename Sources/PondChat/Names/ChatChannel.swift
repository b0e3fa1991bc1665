/// The channels of the chat, as their names on the wire.
public enum ChatChannel: Sendable, Hashable {
    /// A room that everyone may join.
    case lobby(RoomName)
    /// A conversation that only its two users may join.
    case direct(DirectPair)
    /// The live list of rooms; also where a user identifies and hears of direct messages.
    case directory

    /// The route of all lobbies.
    public static let lobbyPattern = "/lobby/:room"
    /// The route of all direct conversations.
    public static let directPattern = "/dm/:pair"
    /// The name of the directory.
    public static let directoryPath = "/directory"

    /// The channel of this name, when the name is in its one canonical spelling.
    public init?(path: String) {
        if path == Self.directoryPath {
            self = .directory
        } else if path.hasPrefix("/lobby/"), let room = try? RoomName(String(path.dropFirst("/lobby/".count))) {
            self = .lobby(room)
        } else if path.hasPrefix("/dm/"), let pair = DirectPair(name: String(path.dropFirst("/dm/".count))) {
            self = .direct(pair)
        } else {
            return nil
        }
        guard self.path.utf8.elementsEqual(path.utf8) else { return nil }
    }

    /// The channel's name on the wire.
    public var path: String {
        switch self {
        case .lobby(let room): "/lobby/\(room.text)"
        case .direct(let pair): "/dm/\(pair.name)"
        case .directory: Self.directoryPath
        }
    }
}
