/// Groups of members that a broadcast can name instead of ids.
public enum ChannelReceiver: String, Sendable, CaseIterable {
    case allUsers = "ALL_USERS"
    case allExceptSender = "ALL_EXCEPT_SENDER"
}
