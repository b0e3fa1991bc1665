/// The sender of a message, which decides what the message may contain.
package enum MessageSender: Sendable {
    /// All five fields, none empty, and an object as payload.
    case client
    /// What the servers there are send: any payload or none, and `channelName` and `requestId` may be empty.
    case server
}
