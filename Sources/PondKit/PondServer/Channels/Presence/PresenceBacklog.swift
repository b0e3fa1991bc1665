import PondCore
import PondRuntime

/// The members of one channel and loop whose queue had no room for a full presence list, with the changes each has yet
/// to be told.
///
/// So a member on a slow link is not closed because of presence alone: what waits is merged, and the next list is the
/// newest. Confined to the loop.
struct PresenceBacklog {
    private struct Waiting {
        let membership: Membership
        var queue = PresenceQueue()
        /// Whether the home was asked for a list that has not come yet.
        var isAsked = false
    }

    private var waiting: [ObjectIdentifier: Waiting] = [:]
    /// Whether a timer looks for members that have caught up.
    var isScheduled = false

    var isEmpty: Bool { self.waiting.isEmpty }

    /// Whether a list cannot go to a member now; then the change is remembered for it.
    mutating func mustWait(
        _ membership: Membership,
        _ list: FullPresenceList,
        _ limits: Limits,
        now: MonotonicTime
    ) -> Bool {
        let id = ObjectIdentifier(membership)
        if self.waiting.isEmpty || self.waiting[id] == nil {
            let queued = membership.connection.queuedBytes
            if queued == 0 || list.frame.text.count <= limits.outboundBytes / 2 - queued { return false }
            self.waiting[id] = Waiting(membership: membership)
        }
        self.waiting[id]?.queue.append(list.announcement, limit: limits.outboundBytes, now: now)
        return true
    }

    /// The members that have taken most of what was queued for them, each with the change to tell it next.
    mutating func takeReady(_ limits: Limits, now: MonotonicTime) -> [(Membership, PresenceAnnouncement)] {
        var ready: [(Membership, PresenceAnnouncement)] = []
        for (id, waiting) in self.waiting where !waiting.isAsked {
            guard case .full = waiting.membership.presence, waiting.membership.channel != nil,
                !waiting.membership.connection.isAway
            else {
                self.waiting[id] = nil
                continue
            }
            guard waiting.membership.connection.queuedBytes <= limits.outboundBytes / 4 else { continue }
            guard let next = self.waiting[id]?.queue.popFirst(delay: limits.presenceDelay, now: now) else {
                self.waiting[id] = nil
                continue
            }
            self.waiting[id]?.isAsked = true
            ready.append((waiting.membership, next))
        }
        return ready
    }

    /// A member gets the list that the home was asked for; false where it waits for none.
    mutating func arrived(_ membership: Membership) -> Bool {
        let id = ObjectIdentifier(membership)
        guard self.waiting[id]?.isAsked == true else { return false }
        self.waiting[id]?.isAsked = false
        if self.waiting[id]?.queue.isEmpty == true { self.waiting[id] = nil }
        return true
    }

    /// The home could not send a list now, so the change waits again.
    mutating func refused(_ announcement: PresenceAnnouncement, for membership: Membership, now: MonotonicTime) {
        let id = ObjectIdentifier(membership)
        guard self.waiting[id]?.isAsked == true else { return }
        self.waiting[id]?.isAsked = false
        self.waiting[id]?.queue.putBack(announcement, now: now)
    }

    /// Drops a member that is no longer in the channel here.
    mutating func remove(_ membership: Membership) {
        if !self.waiting.isEmpty { self.waiting[ObjectIdentifier(membership)] = nil }
    }
}

/// Full presence lists for members that were too slow for them before.
extension Shard {
    /// How long the shard waits before it looks again whether slow members have caught up.
    private static let pause: Duration = .milliseconds(20)

    /// Looks for members that have caught up, as long as there are any that have not.
    func catchUp(_ channel: UInt64) {
        guard let local = self.locals[channel], !local.backlog.isEmpty, !local.backlog.isScheduled else { return }
        local.backlog.isScheduled = true
        self.loop.schedule(after: Self.pause) { [weak local] in
            guard let local else { return }
            local.backlog.isScheduled = false
            for (membership, announcement) in local.backlog.takeReady(self.core.options.limits, now: self.now) {
                guard let member = membership.member else { continue }
                self.post(to: member.home) { _ in
                    guard let channel = member.channel else { return }
                    channel.presence.sendList(announcement, to: member)
                }
            }
            if self.locals[channel] === local { self.catchUp(channel) }
        }
    }

    /// Sends a list to a member that has caught up.
    func sendLate(_ list: FullPresenceList, to membership: Membership) {
        guard let local = membership.channel, local.backlog.arrived(membership),
            case .full = membership.presence
        else { return }
        membership.connection.send(list.frame)
        self.measure(list.frame, local.lobby, recipients: 1)
    }

    /// Keeps a change for a member: its channel has no budget for the list now.
    func hasNoList(_ announcement: PresenceAnnouncement, for membership: Membership) {
        membership.channel?.backlog.refused(announcement, for: membership, now: self.now)
    }
}
