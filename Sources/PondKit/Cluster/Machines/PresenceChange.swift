/// What happened to the presence of a remote user; the value is the new one, or the last one on a leave.
struct PresenceChange: Sendable, Hashable {
    var event: PresenceEvent
    var userId: String
    var presence: Payload
}
