/// The remote users of one channel, found by id and by node.
struct RemoteUsers: Sendable {
    private var byId: [String: RemoteUser] = [:]
    private var idsByNode: [String: Set<String>] = [:]

    var count: Int { self.byId.count }

    var all: some Collection<RemoteUser> { self.byId.values }

    var nodes: some Collection<String> { self.idsByNode.keys }

    subscript(_ id: String) -> RemoteUser? { self.byId[id] }

    func ids(at node: String) -> Set<String> { self.idsByNode[node] ?? [] }

    /// Puts a user in place of what was known of it; says which nodes had no user before.
    mutating func put(_ remote: RemoteUser) -> Set<String> {
        if let old = self.byId[remote.user.id], old.home != remote.home { self.unlink(old) }
        self.byId[remote.user.id] = remote
        var fresh: Set<String> = []
        for node in remote.home.nodes {
            if self.idsByNode[node] == nil { fresh.insert(node) }
            self.idsByNode[node, default: []].insert(remote.user.id)
        }
        return fresh
    }

    mutating func remove(_ id: String) -> RemoteUser? {
        guard let old = self.byId.removeValue(forKey: id) else { return nil }
        self.unlink(old)
        return old
    }

    private mutating func unlink(_ remote: RemoteUser) {
        for node in remote.home.nodes {
            self.idsByNode[node]?.remove(remote.user.id)
            if self.idsByNode[node]?.isEmpty == true { self.idsByNode[node] = nil }
        }
    }
}

extension RemoteUser.Home {
    var nodes: Set<String> {
        switch self {
        case .claimed(let nodes): nodes
        case .certain(let node, _): [node]
        }
    }
}
