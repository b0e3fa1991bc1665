/// Gives one's name a password, or another one; sent on the directory. From then on the name needs it.
///
/// Never log one.
public struct ClaimName: ChatPayload {
    public static let event = "claim"

    public var password: String

    public init(password: String) { self.password = password }
}
