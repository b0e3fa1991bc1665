import PondCore
import PondRuntime

/// Giving a member what it missed, when that is more than its queue can hold.
extension Shard {
    /// Sends what a member missed, as fast as it takes it, and tells its home when it has all.
    func begin(_ replay: Replay, to membership: Membership, behind first: Frame?) {
        let connection = membership.connection
        guard !connection.ended else { return }
        guard !connection.isAway, connection.socket == replay.socket else {
            membership.isSilent = membership.channel == nil
            return
        }
        // What is new comes after what is old.
        self.unlink(membership)
        membership.isSilent = false
        membership.replay = replay
        if let first { connection.send(first) }
        self.goOn(replay, membership)
    }

    private func goOn(_ replay: Replay, _ membership: Membership) {
        let connection = membership.connection
        guard membership.replay === replay, !connection.isAway, connection.socket == replay.socket,
            let member = membership.member
        else { return }
        let budget = self.core.options.limits.outboundBytes / 2
        while connection.queuedBytes < budget {
            guard let frame = replay.take() else {
                return self.post(to: member.home) { _ in member.channel?.recovery.replayed(replay, to: member) }
            }
            connection.send(frame)
        }
        self.loop.schedule(after: .milliseconds(5)) { self.goOn(replay, membership) }
    }
}
