/// What a channel's home asks of the shard where a member's connection lives.
extension Shard {
    /// Sends a frame to the local members of a channel.
    func deliver(_ frame: Frame, to channel: UInt64, except: [Membership] = []) {
        guard let local = self.locals[channel] else { return }
        switch except.count {
        case 0:
            for membership in local.members { membership.connection.send(frame, in: membership) }
        case 1:
            let excluded = except[0]
            for membership in local.members where membership !== excluded {
                membership.connection.send(frame, in: membership)
            }
        default:
            for membership in local.members where !except.contains(where: { $0 === membership }) {
                membership.connection.send(frame, in: membership)
            }
        }
    }

    /// Sends a frame to one member, whether or not it is attached still.
    func deliver(_ frame: Frame, to membership: Membership) {
        membership.connection.send(frame, in: membership)
    }

    /// Sends a change of presence to the local members that are tracked.
    func deliverPresence(full: Frame?, delta: Frame?, to channel: UInt64) {
        guard let local = self.locals[channel] else { return }
        for membership in local.members {
            switch membership.presence {
            case .none: continue
            case .full: if let full { membership.connection.send(full, in: membership) }
            case .delta: if let delta { membership.connection.send(delta, in: membership) }
            }
        }
    }

    /// Makes a connection hear a channel, beginning with `first`.
    func attach(_ membership: Membership, to channel: UInt64, first: Frame) {
        guard !membership.connection.ended else { return }
        let local = self.locals[channel] ?? LocalChannel()
        self.locals[channel] = local
        membership.channelNumber = channel
        membership.presence = .none
        local.add(membership)
        membership.connection.send(first, in: membership)
    }

    /// Makes a connection stop hearing a channel, with `last` as the last it hears.
    func detach(_ membership: Membership, last: Frame?) {
        if let last { membership.connection.send(last, in: membership) }
        self.unlink(membership)
        membership.connection.forgetIfOver(membership)
    }

    /// Takes a membership out of its local channel.
    func unlink(_ membership: Membership) {
        guard let local = membership.channel else { return }
        local.remove(membership)
        membership.presence = .none
        if local.members.isEmpty { self.locals[membership.channelNumber] = nil }
    }

    /// Notes that the home answered a join.
    func settle(_ membership: Membership) {
        membership.unansweredJoins -= 1
        membership.connection.forgetIfOver(membership)
    }
}
