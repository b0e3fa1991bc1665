import PondChat
import PondKit

/// Who has which name now. Pure.
///
/// A name without a password belongs to who took it first, as long as they stay; they prove it with the id of
/// their stay, which only their tokens hold. For a while after the last connection is gone the name waits for them.
struct NameTable: Sendable {
    /// How long a name waits for its user to come back.
    static let grace: Duration = .seconds(60)

    private struct Stay {
        var name: UserName
        var id: String
        var devices: Int
        /// When the last device left.
        var emptySince: MonotonicTime?
    }

    private var stays: [String: Stay] = [:]
    private var looks: [String: Set<String>] = [:]
    private let deviceLimit: Int

    init(deviceLimit: Int) { self.deviceLimit = deviceLimit }

    enum Answer: Sendable, Hashable {
        /// The name is theirs, under this stay.
        case entered(stay: String)
        case taken
        case tooManyDevices
    }

    /// The users who are here now.
    var count: Int { self.stays.values.count { $0.devices > 0 } }

    /// One more connection of a user: `proven` by password or a token of a claimed name, or by the id of a stay.
    mutating func enter(
        _ name: UserName,
        proven: Bool,
        stay: String?,
        newStay: @autoclosure () -> String,
        now: MonotonicTime
    ) -> Answer {
        if let found = self.stays[name.key] {
            if proven || found.id == stay {
                guard found.devices < self.deviceLimit else { return .tooManyDevices }
                self.stays[name.key]?.devices += 1
                self.stays[name.key]?.emptySince = nil
                return .entered(stay: found.id)
            }
            guard let since = found.emptySince, now - since >= Self.grace else { return .taken }
            self.forget(name.key)
        }
        if !proven, let others = self.looks[name.skeleton], !others.isEmpty { return .taken }
        let id = stay ?? newStay()
        self.stays[name.key] = Stay(name: name, id: id, devices: 1)
        self.looks[name.skeleton, default: []].insert(name.key)
        return .entered(stay: id)
    }

    /// One connection of a user less.
    mutating func leave(_ name: UserName, now: MonotonicTime) {
        guard let devices = self.stays[name.key]?.devices, devices > 0 else { return }
        self.stays[name.key]?.devices = devices - 1
        if devices == 1 { self.stays[name.key]?.emptySince = now }
    }

    /// The connections of a user.
    func devices(of name: UserName) -> Int { self.stays[name.key]?.devices ?? 0 }

    /// The id of a user's stay.
    func stay(of name: UserName) -> String? { self.stays[name.key]?.id }

    /// The name as its user writes it, if they are here.
    func present(_ name: UserName) -> UserName? {
        self.stays[name.key].flatMap { $0.devices > 0 ? $0.name : nil }
    }

    /// Lets go of the names whose users did not come back.
    mutating func sweep(now: MonotonicTime) {
        for (key, stay) in self.stays {
            if let since = stay.emptySince, now - since >= Self.grace { self.forget(key) }
        }
    }

    /// Lets go of a name whose password was taken off, whoever has it now.
    mutating func release(_ name: UserName) { self.forget(name.key) }

    private mutating func forget(_ key: String) {
        guard let stay = self.stays.removeValue(forKey: key) else { return }
        let skeleton = stay.name.skeleton
        self.looks[skeleton]?.remove(key)
        if self.looks[skeleton]?.isEmpty == true { self.looks[skeleton] = nil }
    }
}
