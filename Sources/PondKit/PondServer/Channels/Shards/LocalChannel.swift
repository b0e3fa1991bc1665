import PondCore
import PondNet
import PondRuntime

/// The members of one live channel whose connections belong to one shard, in no order.
final class LocalChannel {
    let lobby: LobbyCore
    private(set) var members: ContiguousArray<Membership> = []
    /// Where each member's broadcasts can be put without asking it; `nil` for those that must be asked.
    private var lanes: ContiguousArray<OutboundLane?> = []
    /// What keeps each lane alive.
    private var laneOwners: ContiguousArray<AnyObject?> = []
    /// The members whose queue had no room for a full presence list.
    var backlog = PresenceBacklog()

    init(lobby: LobbyCore) { self.lobby = lobby }

    func add(_ membership: Membership) {
        membership.index = self.members.count
        membership.channel = self
        let owner = membership.connection.sharingTransport
        self.members.append(membership)
        self.lanes.append(owner?.lane)
        self.laneOwners.append(owner)
    }

    func remove(_ membership: Membership) {
        let index = membership.index
        guard membership.channel === self, self.members.indices.contains(index) else { return }
        let last = self.members.removeLast()
        let lane = self.lanes.removeLast()
        let owner = self.laneOwners.removeLast()
        if last !== membership {
            self.members[index] = last
            self.lanes[index] = lane
            self.laneOwners[index] = owner
            last.index = index
        }
        membership.channel = nil
        self.backlog.remove(membership)
    }

    /// Sends a frame to all members but some.
    func send(_ frame: Frame, except: [Membership], on loop: EventLoop) {
        // These stay as they are, whatever sending does to the members: a lane lives as long as its owner.
        let (members, owners) = (self.members, self.laneOwners)
        var lanes = self.lanes
        let excluded = except.count == 1 && except[0].channel === self ? except[0].index : -1
        if except.count > 1 { for other in except where other.channel === self { lanes[other.index] = nil } }
        FanOut.send(frame, to: lanes, except: excluded, on: loop) { index in
            if except.count > 1, except.contains(where: { $0 === members[index] }) { return }
            members[index].connection.send(frame)
        }
        withExtendedLifetime(owners) {}
    }
}
