import PondChat
import PondKit

/// Who a connection is; it never becomes somebody else.
struct ChatSession: Sendable, Hashable {
    var name: UserName
    var role: ChatRole
    /// Whether the name has a password, which the user proved to know.
    var claimed: Bool
    /// Whether the user has yet to prove who they are: nothing but the directory is open.
    var needsPassword: Bool
    var address: String
    /// When the user got this name; of an unclaimed name, what was said before was said by somebody else.
    var began: ChatTime
    /// The token that let the user in, and when it ends.
    var tokenID: String?
    var tokenExpires: ChatTime?
    /// Whether the connection ends with its token.
    var endsWithToken = false
    /// The connection, once it is open.
    var connectionID: String?
    /// When the connection was let in; one that does not open soon is forgotten.
    var accepted: MonotonicTime

    /// Whether the user may see and change what somebody of this name said at a moment.
    func owns(_ message: ChatMessage) -> Bool {
        message.sender == self.name && (self.claimed || message.at >= self.began)
    }
}
