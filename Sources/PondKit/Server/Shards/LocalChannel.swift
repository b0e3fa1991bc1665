/// The members of one live channel whose connections belong to one shard, in no order.
final class LocalChannel {
    let lobby: Lobby
    private(set) var members: ContiguousArray<Membership> = []

    init(lobby: Lobby) { self.lobby = lobby }

    func add(_ membership: Membership) {
        membership.index = self.members.count
        membership.channel = self
        self.members.append(membership)
    }

    func remove(_ membership: Membership) {
        let index = membership.index
        guard membership.channel === self, self.members.indices.contains(index) else { return }
        let last = self.members.removeLast()
        if last !== membership {
            self.members[index] = last
            last.index = index
        }
        membership.channel = nil
    }
}
