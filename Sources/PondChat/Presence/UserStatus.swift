/// Whether somebody is there.
public enum UserStatus: String, Codable, Sendable, Hashable, CaseIterable {
    case online
    case away
    case busy
}
