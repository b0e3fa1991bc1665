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
