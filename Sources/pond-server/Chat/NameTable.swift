import PondChat
import PondKit

/// Who has which name now. Pure.
///
/// A name without a password belongs to who took it first, as long as they stay; they prove it with the id of
/// their stay, which only their tokens hold. For a while after the last connection is gone the name waits for them.
struct NameTable: Sendable {
    private struct Stay {
        var name: UserName
        var id: String
        /// Which person it is; see `NameOwner`.
        var owner: String
        var devices: Int
        /// When the last device left.
        var emptySince: MonotonicTime?
    }

    private var stays: [String: Stay] = [:]
    private var looks: [String: Set<String>] = [:]
    private let deviceLimit: Int
    /// Who had names last that are free now, for messages to them; bounded.
    private var last: [String: String] = [:]
    private var lastOrder: [String] = []
    private static let lastLimit = 10_000

    init(deviceLimit: Int) { self.deviceLimit = deviceLimit }

    enum Answer: Sendable, Hashable {
        /// The name is theirs, under this stay.
        case entered(stay: String)
        case taken
        case tooManyDevices
    }

    /// The users who are here now.
    var count: Int { self.stays.values.count { $0.devices > 0 } }

    /// One more connection of `owner`, under a stay of this id where none is known. An owner with a `right` to the name,
    /// by its password, has it whoever else took it; a `proven` one does not mind names that look like theirs.
    mutating func enter(
        _ name: UserName,
        owner: String,
        right: Bool,
        proven: Bool,
        stay: String,
        now: MonotonicTime
    ) -> Answer {
        if let found = self.stays[name.key] {
            if found.owner == owner {
                guard found.devices < self.deviceLimit else { return .tooManyDevices }
                self.stays[name.key]?.devices += 1
                self.stays[name.key]?.emptySince = nil
                return .entered(stay: found.id)
            }
            if !right {
                guard let since = found.emptySince, now - since >= NameOwner.grace else { return .taken }
            }
            self.forget(name.key)
        }
        if !proven, let others = self.looks[name.skeleton], !others.isEmpty { return .taken }
        self.stays[name.key] = Stay(name: name, id: stay, owner: owner, devices: 1)
        self.looks[name.skeleton, default: []].insert(name.key)
        return .entered(stay: stay)
    }

    /// One connection of a user less; nothing where somebody else has the name by now.
    mutating func leave(_ name: UserName, owner: String, now: MonotonicTime) {
        guard let stay = self.stays[name.key], stay.owner == owner, stay.devices > 0 else { return }
        self.stays[name.key]?.devices = stay.devices - 1
        if stay.devices == 1 { self.stays[name.key]?.emptySince = now }
    }

    /// The owner of a name that is taken or waits for its user.
    func owner(of name: UserName) -> String? { self.stays[name.key]?.owner }

    /// The owner that a free name had last, as far as it is remembered.
    func lastOwner(of name: UserName) -> String? { self.last[name.key] }

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
            guard let since = stay.emptySince, now - since >= NameOwner.grace else { continue }
            self.forget(key)
            self.remember(stay.owner, of: key)
        }
    }

    /// Lets go of a name whose password was taken off, whoever has it now.
    mutating func release(_ name: UserName) { self.forget(name.key) }

    private mutating func remember(_ owner: String, of key: String) {
        if self.last.updateValue(owner, forKey: key) == nil { self.lastOrder.append(key) }
        guard self.lastOrder.count > Self.lastLimit else { return }
        for old in self.lastOrder.prefix(Self.lastLimit / 2) { self.last[old] = nil }
        self.lastOrder.removeFirst(Self.lastLimit / 2)
    }

    private mutating func forget(_ key: String) {
        guard let stay = self.stays.removeValue(forKey: key) else { return }
        let skeleton = stay.name.skeleton
        self.looks[skeleton]?.remove(key)
        if self.looks[skeleton]?.isEmpty == true { self.looks[skeleton] = nil }
    }
}
