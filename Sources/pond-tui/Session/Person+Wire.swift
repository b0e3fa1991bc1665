internal import PondChat
internal import PondKit

extension Person {
    /// A presence as the server tells it; `nil` when it has no name.
    init?(_ presence: JSON) {
        guard let name = presence["name"]?.string, !name.isEmpty else { return nil }
        let status: Status =
            switch presence["status"]?.string.flatMap(UserStatus.init) {
            case .away: .away
            case .busy: .busy
            case .online, nil: .available
            }
        let role = presence["role"]?.string.flatMap(ChatRole.init)
        self.init(
            name: TextSanitiser.clipped(name, to: 100),
            status: status,
            note: TextSanitiser.clipped(presence["statusText"]?.string ?? "", to: 200),
            since: presence["since"]?.int.map { WallTime(milliseconds: Int64(clamping: $0)) },
            role: role.flatMap { $0 == .user ? nil : $0.rawValue }
        )
    }
}
