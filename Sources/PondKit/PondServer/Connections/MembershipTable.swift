/// The memberships of a connection by their channels' names; most connections have one, which needs no table.
enum MembershipTable {
    case none
    case one(Membership)
    case many([String: Membership])

    var count: Int {
        switch self {
        case .none: 0
        case .one: 1
        case .many(let table): table.count
        }
    }

    var values: [Membership] {
        switch self {
        case .none: []
        case .one(let membership): [membership]
        case .many(let table): Array(table.values)
        }
    }

    subscript(name: String) -> Membership? {
        switch self {
        case .none: nil
        case .one(let membership): membership.name == name ? membership : nil
        case .many(let table): table[name]
        }
    }

    mutating func add(_ membership: Membership) {
        switch self {
        case .none: self = .one(membership)
        case .one(let first): self = .many([first.name: first, membership.name: membership])
        case .many(var table):
            self = .none
            table[membership.name] = membership
            self = .many(table)
        }
    }

    mutating func remove(_ name: String) {
        switch self {
        case .none: return
        case .one(let membership): if membership.name == name { self = .none }
        case .many(var table):
            self = .none
            table[name] = nil
            self = .many(table)
        }
    }
}
