/// What a chat client gives when it connects, as the query of the URL.
public enum ConnectionParameters {
    /// The name the user wants.
    public static let name = "name"
    /// A token from an earlier `Identity`, or from whoever signs tokens for the server.
    public static let token = "token"
    /// The server's endpoint.
    public static let endpoint = "/socket"
}

/// Who the server takes a connection for; the answer to a connection, to `identify` and to `claim`.
public struct Identity: ChatPayload {
    public static let event = "identity"

    public var name: UserName
    public var role: ChatRole
    /// Whether the name has a password.
    public var claimed: Bool
    /// Whether nothing but the directory is open until the user identifies.
    public var needsPassword: Bool
    /// A secret to connect with the next time, as the parameter `token`: it stands for the password, and lets
    /// another device or a new socket have the same name.
    public var token: String?
    /// When the token ends; ask for a new one before with an empty `identify`.
    public var tokenExpires: ChatTime?

    public init(
        name: UserName,
        role: ChatRole = .user,
        claimed: Bool = false,
        needsPassword: Bool = false,
        token: String? = nil,
        tokenExpires: ChatTime? = nil
    ) {
        self.name = name
        self.role = role
        self.claimed = claimed
        self.needsPassword = needsPassword
        self.token = token
        self.tokenExpires = tokenExpires
    }
}

/// Proves that a claimed name is one's own, or renews the token; sent on the directory.
///
/// Never log one.
public struct Identify: ChatPayload {
    public static let event = "identify"

    public var password: String?
    /// A new token, for servers that ask for tokens from elsewhere.
    public var token: String?

    public init(password: String? = nil, token: String? = nil) {
        self.password = password
        self.token = token
    }
}

/// Gives one's name a password; sent on the directory. From then on the name needs it.
///
/// A name that has a password gets another one only with the present one: a token alone is not enough. Never log one.
public struct ClaimName: ChatPayload {
    public static let event = "claim"

    public var password: String
    /// The present password, where the name has one.
    public var present: String?

    public init(password: String, present: String? = nil) {
        self.password = password
        self.present = present
    }
}
