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
    /// What the limits of one address count under.
    var addressKey: String { AddressRange.limitKey(of: self.address) }
    /// Which of the persons who ever had the name this one is.
    var owner: NameOwner
    /// The token that let the user in, and when it ends.
    var tokenID: String?
    var tokenExpires: ChatTime?
    /// The moment from which on the user's tokens hold, where the user is remembered.
    var tokensFrom: ChatTime?
    /// Whether the connection ends with its token.
    var endsWithToken = false
    /// The connection, once it is open.
    var connectionID: String?
    /// When the connection was let in; one that does not open soon is forgotten.
    var accepted: MonotonicTime

    /// Whether the user wrote a message, and may change it.
    func owns(_ message: ChatMessage) -> Bool {
        message.sender == self.name && self.isParty(message.author, at: message.at)
    }

    /// Whether a message of a conversation is from this user or to them, and not to or from an earlier owner of the name.
    func sees(_ parties: MessageParties) -> Bool {
        self.isParty(parties.sender == self.name ? parties.author : parties.reader, at: parties.at)
    }

    /// What of a channel the user may see.
    func visible(in channel: ChatChannel) -> VisibleMessages {
        VisibleMessages(to: self.name, as: self.owner, in: channel)
    }

    private func isParty(_ owner: String?, at time: ChatTime) -> Bool {
        owner.map { $0 == self.owner.id } ?? (time >= self.owner.since)
    }
}
