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
