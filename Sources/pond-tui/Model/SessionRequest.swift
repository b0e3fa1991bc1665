/// What the program asks of its chat session.
enum SessionRequest: Hashable, Sendable {
    case connect(url: String?)
    case disconnect
    /// Now, without waiting for the countdown.
    case reconnect
    case join(room: String)
    case leave(room: String)
    case send(OutgoingMessage)
    case typing(room: String)
    case status(Person.Status, note: String)
    case nick(String)
    case topic(room: String, text: String)
    case history(room: String, before: ChatMessage?)
    case search(room: String, text: String)
    /// The user has read a room up to a message.
    case markRead(room: String, id: String)
    /// Takes a message back that waits for the connection; answered by returned, unless it was confirmed meanwhile.
    case recall(room: String, id: String)
    case moderate(room: String, ModerationOrder)
    case whois(String)
    /// Proves that a name is the user's own.
    case identify(password: String)
    /// Gives the name a password.
    case claim(password: String, present: String?)
    case ping
    /// What the user wants of a demonstration.
    case demo(DemoControl)
    /// Breaks the own connection on purpose, or heals it.
    case fault(LinkFault?)

    /// A message on its way; the session answers with exactly one of delivered and refused.
    struct OutgoingMessage: Hashable, Sendable {
        var id: String
        var room: String
        var text: String
        var purpose: OutboxEntry.Purpose
    }
}
