import PondCore

/// The members of a live channel, as a list and by user. Confined to the home loop.
final class ChannelRoster {
    private(set) var members: ContiguousArray<Member> = []
    private var byUser: [String: Member] = [:]
    /// The number of members on each shard.
    private(set) var membersOfShard: [Int]
    /// Members that joined while the store could not tell what they had missed; they receive nothing yet.
    private var unrecovered: [ObjectIdentifier: Member] = [:]
    /// Members whose connection has ended while their earlier messages are still handled.
    private(set) var lingering: [Member] = []

    init(shards: Int) { self.membersOfShard = Array(repeating: 0, count: shards) }

    var isEmpty: Bool { self.members.isEmpty }
    var count: Int { self.members.count }

    /// The ids of the users in the channel, each once.
    var userIds: some Collection<String> { self.byUser.keys }

    /// One member of a user; `nil` if the user is not in the channel on this node.
    func member(of userId: String) -> Member? { self.byUser[userId] }

    /// The members of a user: one for each of the user's connections.
    func members(of userId: String) -> [Member] {
        var found: [Member] = []
        var next = self.byUser[userId]
        while let member = next {
            found.append(member)
            next = member.sibling
        }
        return found
    }

    func add(_ member: Member) {
        member.index = self.members.count
        self.members.append(member)
        member.sibling = self.byUser[member.userId]
        self.byUser[member.userId] = member
        self.membersOfShard[member.shard.index] += 1
    }

    func remove(_ member: Member) {
        if member.hasEnded { self.lingering.removeAll { $0 === member } }
        self.unrecovered[ObjectIdentifier(member)] = nil
        let last = self.members.removeLast()
        if last !== member {
            self.members[member.index] = last
            last.index = member.index
        }
        self.membersOfShard[member.shard.index] -= 1
        guard let first = self.byUser[member.userId] else { return }
        if first === member {
            self.byUser[member.userId] = member.sibling
        } else {
            var previous = first
            while let next = previous.sibling, next !== member { previous = next }
            previous.sibling = member.sibling
        }
        member.sibling = nil
    }

    /// Notes a member whose connection has ended while a handler of its is still running.
    func linger(_ member: Member) { self.lingering.append(member) }

    // Members that wait for recovery

    var hasUnrecovered: Bool { !self.unrecovered.isEmpty }

    func isUnrecovered(_ member: Member) -> Bool { self.unrecovered[ObjectIdentifier(member)] != nil }

    /// Notes that a member cannot recover yet; true if it is the only one.
    func setUnrecovered(_ member: Member) -> Bool {
        self.unrecovered[ObjectIdentifier(member)] = member
        return self.unrecovered.count == 1
    }

    func setRecovered(_ member: Member) { self.unrecovered[ObjectIdentifier(member)] = nil }

    /// The members that could not recover; none afterwards.
    func takeUnrecovered() -> [Member] {
        defer { self.unrecovered = [:] }
        return Array(self.unrecovered.values)
    }
}
