/// The sender's status in this channel; everyone learns it through presence.
public struct SetStatus: ChatPayload {
    public static let event = "status"

    public var status: UserStatus
    public var statusText: String?

    public init(status: UserStatus, statusText: String? = nil) {
        self.status = status
        self.statusText = statusText
    }
}
