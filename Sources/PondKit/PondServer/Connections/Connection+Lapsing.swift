import PondCore
import PondRuntime

/// What a session was a member of on the node that it comes from, and its client does not come back to.
///
/// The node that has the session answers for its memberships: where one was is told that it moved and runs no leave
/// handler, so that they run once, here, when the client leaves without having joined, is gone, or takes too long.
extension Connection {
    /// Gives the client so much time to come back to its channels.
    func lapseUnclaimed(after grace: Duration) {
        self.shard.loop.schedule(after: grace) { [weak self] in
            guard let self, !self.ended, !self.isTransferred else { return }
            self.lapseUnclaimed()
        }
    }

    /// The client has left every channel that it did not come back to.
    func lapseUnclaimed() {
        guard let unclaimed = self.identity.shared?.takeUnclaimed() else { return }
        for (name, membership) in unclaimed { self.lapse(name, membership, .connectionClosed) }
    }

    /// The client leaves a channel that it has not come back to.
    func lapse(_ name: String, _ reason: LeaveReason) {
        guard let shared = self.identity.shared, let membership = shared.claim(name) else { return }
        shared.set(name, nil)
        self.lapse(name, membership, reason)
    }

    private func lapse(_ name: String, _ membership: SessionMembership, _ reason: LeaveReason) {
        guard let (lobby, match) = self.endpoint.find(name) else { return }
        let user = User(id: self.identity.userId, assigns: membership.assigns, presence: membership.presence)
        let key = ChannelKey(endpoint: self.endpoint.core.index, name: name)
        guard let home = key.home(among: self.shard.peers) else { return }
        self.shard.post(to: home) { $0.lapse(user, key, of: lobby.core, match: match, reason) }
    }
}

extension Shard {
    /// Runs the leave handlers of a channel, which lives as long as they need it, for a user that is no member here.
    func lapse(_ user: User, _ key: ChannelKey, of lobby: LobbyCore, match: RouteMatch, _ reason: LeaveReason) {
        guard !lobby.handlers.leave.isEmpty else { return }
        let run: @Sendable () -> Void = {
            guard let channel = try? self.channel(key, of: lobby, match: match) else { return }
            channel.runLeaveHandlers(user, reason)
            if channel.roster.isEmpty { self.destroy(channel) }
        }
        guard let store = lobby.handlers.history else { return run() }
        self.openHistory(of: key, lobby, in: store) { result in
            run()
            if case .success = result { self.releaseHistory(of: key) }
        }
    }
}
