/// One message of a room.
struct ChatMessage: Hashable, Sendable {
    /// The sender's id of it: a repeat has the same.
    var id: String
    var author: String
    var text: String
    var time: WallTime
    var kind = Kind.text
    /// The id of the message this one answers.
    var replyTo: String?
    var isEdited = false
    var isRemoved = false
    /// Whether it was written here and is not confirmed yet; its state is in the outbox.
    var isPending = false
    /// Whether it is seen before it is stored: the server is cut off from where it stores.
    var isUnstored = false
    /// The place in the room's history, where the server numbers it.
    var offset: Int64?

    /// How a message is meant.
    enum Kind: String, Hashable, Sendable {
        case text
        /// `/me does something`
        case action
        /// From the server or a program.
        case notice
    }
}
