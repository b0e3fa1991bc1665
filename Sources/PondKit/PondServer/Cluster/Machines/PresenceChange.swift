import PondCore

/// What is tracked of one stay of a remote user from here on; `nil` when nothing is.
///
/// A stay is one owner of the presence entry under its key: the first owner of a key is a JOIN, the last one a LEAVE.
struct PresenceChange: Sendable, Hashable {
    var owner: RemoteOwner
    var key: String
    var presence: Payload?
}
