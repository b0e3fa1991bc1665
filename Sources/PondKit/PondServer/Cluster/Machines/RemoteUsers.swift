/// The remote users of one channel, found by id and by node.
struct RemoteUsers: Sendable {
    private var byId: [String: RemoteUser] = [:]
    private var idsByNode: [String: Set<String>] = [:]
    /// Stays and claims of all users.
    private(set) var stayCount = 0

    var count: Int { self.byId.count }

    var all: some Collection<RemoteUser> { self.byId.values }

    var nodes: some Collection<String> { self.idsByNode.keys }

    subscript(_ id: String) -> RemoteUser? { self.byId[id] }

    func ids(at node: String) -> [String] { (self.idsByNode[node] ?? []).sorted() }

    /// Puts a user in place of what was known of it, or forgets it; says which nodes had no user before.
    mutating func set(_ id: String, _ remote: RemoteUser?) -> [String] {
        let before = self.byId[id]
        let remote = remote.flatMap { $0.stays.isEmpty && $0.claim == nil ? nil : $0 }
        self.byId[id] = remote
        self.stayCount += Self.count(remote) - Self.count(before)
        let old = Self.nodes(of: before)
        let new = Self.nodes(of: remote)
        for node in old where !new.contains(node) {
            self.idsByNode[node]?.remove(id)
            if self.idsByNode[node]?.isEmpty == true { self.idsByNode[node] = nil }
        }
        var fresh: [String] = []
        for node in new where !old.contains(node) {
            if self.idsByNode[node] == nil { fresh.append(node) }
            self.idsByNode[node, default: []].insert(id)
        }
        return fresh.sorted()
    }

    private static func count(_ remote: RemoteUser?) -> Int {
        guard let remote else { return 0 }
        return remote.stays.count + (remote.claim == nil ? 0 : 1)
    }

    private static func nodes(of remote: RemoteUser?) -> Set<String> {
        guard let remote else { return [] }
        return Set(remote.stays.keys).union(remote.claim?.nodes ?? [])
    }
}
