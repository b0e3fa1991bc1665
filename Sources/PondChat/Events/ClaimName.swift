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
