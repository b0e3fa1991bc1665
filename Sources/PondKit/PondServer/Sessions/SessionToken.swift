/// The secret that gives a session back, behind the name of the client whose session it is.
struct SessionToken: Sendable, Hashable {
    let client: ClientID
    private let secret: ClientID

    /// A new session's token, for a client that was here before or for one that was not.
    init(client: ClientID?) {
        self.client = client ?? ClientID()
        self.secret = ClientID()
    }

    /// The token of a text; `nil` where it is none of ours.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let client = ClientID(parts[0]), let secret = ClientID(parts[1]) else { return nil }
        self.client = client
        self.secret = secret
    }

    /// The token as a client keeps it.
    var text: String { "\(self.client.text).\(self.secret.text)" }
}
