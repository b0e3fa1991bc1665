import PondCore

/// What a channel's home asks of the shard where a member's connection lives.
extension Shard {
    /// Sends a frame to the local members of a channel.
    func fanOut(_ frame: Frame, to channel: UInt64, except: [Membership] = []) {
        guard let local = self.locals[channel] else { return }
        local.send(frame, except: except, on: self.loop)
        self.measure(frame, local.lobby, recipients: local.members.count - except.count)
    }

    /// Sends a frame to one member, whether or not it is attached still.
    ///
    /// A numbered broadcast waits for no one: a connection that came back hears it when it has joined again.
    func send(_ frame: Frame, to membership: Membership) {
        guard !frame.isForHearers || membership.channel != nil else { return }
        membership.connection.send(frame)
        if let lobby = membership.member?.lobby { self.measure(frame, lobby, recipients: 1) }
    }

    /// Sends a message that has no number to one member, whether or not it is attached still.
    func send(_ message: ServerMessage, to membership: Membership) {
        guard !self.core.measures else { return self.send(message.frame(), to: membership) }
        membership.connection.send(message)
    }

    /// Sends a change of presence to the local members that are tracked.
    ///
    /// A full list goes only to members whose queue has room for it; the others get it when they have caught up.
    func fanOutPresence(full: FullPresenceList?, delta: Frame?, to channel: UInt64) {
        guard let local = self.locals[channel] else { return }
        var counts = (full: 0, delta: 0)
        for membership in local.members {
            switch membership.presence {
            case .none: continue
            case .full:
                guard let full else { continue }
                if local.backlog.mustWait(membership, full, self.core.options.limits, now: self.now) { continue }
                membership.connection.send(full.frame)
                counts.full += 1
            case .delta:
                guard let delta else { continue }
                membership.connection.send(delta)
                counts.delta += 1
            }
        }
        if let full { self.measure(full.frame, local.lobby, recipients: counts.full) }
        if let delta { self.measure(delta, local.lobby, recipients: counts.delta) }
        self.catchUp(channel)
    }

    func measure(_ frame: Frame, _ lobby: LobbyCore, recipients: Int) {
        guard self.core.measures, recipients > 0 else { return }
        self.core.options.metrics.messageSent(
            endpoint: lobby.endpoint.path,
            channel: lobby.pattern,
            event: frame.event,
            bytes: frame.text.count,
            recipients: recipients
        )
    }

    /// Makes a connection hear a channel, beginning with `first`; one that hears it already just gets that.
    ///
    /// `presence` is what a member that was tracked before sees of the others.
    func attach(
        _ membership: Membership,
        to channel: UInt64,
        on socket: Int,
        first: [Frame],
        presence: (mode: Membership.PresenceMode, now: Frame?)
    ) {
        guard !membership.connection.ended else { return }
        guard !membership.connection.isAway, membership.connection.socket == socket else {
            membership.isSilent = membership.channel == nil
            return
        }
        guard let lobby = membership.member?.lobby else { return }
        membership.replay = nil
        let isNew = membership.channel == nil
        if isNew {
            let local = self.locals[channel] ?? LocalChannel(lobby: lobby)
            self.locals[channel] = local
            membership.channelNumber = channel
            membership.isSilent = false
            membership.presence = presence.mode
            local.add(membership)
        }
        for frame in first { membership.connection.send(frame) }
        if isNew, let now = presence.now { membership.connection.send(now) }
    }

    /// Makes a connection stop hearing a channel, with `last` as the last it hears.
    ///
    /// `remembered` where messages that it sent may come again.
    func detach(_ membership: Membership, last: Frame?, remembered: Bool) {
        if let last { membership.connection.send(last) }
        membership.isRemembered = remembered
        self.unlink(membership)
        membership.isSilent = false
        membership.replay = nil
        membership.connection.forgetIfOver(membership)
    }

    /// Makes a connection a member that does not hear its channel yet: it will join again.
    func admitSilently(_ membership: Membership, on socket: Int, _ acknowledgement: Frame) {
        guard !membership.connection.ended else { return }
        self.unlink(membership)
        membership.replay = nil
        membership.isSilent = true
        guard !membership.connection.isAway, membership.connection.socket == socket else { return }
        membership.connection.send(acknowledgement)
    }

    /// Makes a connection hear a channel no more, and come back with another socket to join it again.
    func cut(_ membership: Membership) {
        self.unlink(membership)
        membership.replay = nil
        membership.isSilent = true
        membership.connection.cut()
    }

    /// Makes a member reconnect and join its channel again.
    func cut(_ member: Member) {
        let membership = member.membership
        self.post(to: member.shard) { $0.cut(membership) }
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
