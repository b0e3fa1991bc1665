import PondChat
import PondKit

/// Which messages of a channel somebody may see, as a condition on rows of `messages`: in a room all, in a conversation
/// those that were said to them or by them, and not to or by an earlier owner of their name.
struct VisibleMessages {
    /// Begins with AND, or is empty.
    let condition: String
    let values: [SQLiteValue]

    /// `nil` as owner sees everything.
    init(to user: UserName, as owner: NameOwner?, in channel: ChatChannel) {
        guard case .direct = channel, let owner else {
            (self.condition, self.values) = ("", [])
            return
        }
        self.condition = """
             AND coalesce(
                CASE messages.sender_key WHEN ? THEN messages.author ELSE messages.reader END,
                CASE WHEN messages.at >= ? THEN ? END
            ) = ?
            """
        self.values = [
            .text(user.key), .integer(owner.since.milliseconds), .text(owner.id), .text(owner.id),
        ]
    }

    /// Every message.
    static let all = VisibleMessages()

    private init() { (self.condition, self.values) = ("", []) }
}
