import PondCore

/// The histories of the channels whose home this is.
extension Shard {
    /// Opens a channel's history for a join, which gives it back with `releaseHistory` if it got it; `then` is called
    /// on this loop, at once where nothing has to be read.
    func openHistory(
        of key: ChannelKey,
        _ lobby: LobbyCore,
        in store: any HistoryStore,
        then: @escaping @Sendable (Result<ChannelHistory, PondError>) -> Void
    ) {
        if var slot = self.histories[key] {
            slot.users += 1
            switch slot.state {
            case .open(let history):
                self.histories[key] = slot
                then(.success(history))
            case .opening(let waiting):
                slot.state = .opening(waiting + [then])
                self.histories[key] = slot
            }
            return
        }
        self.histories[key] = HistorySlot(users: 1, state: .opening([then]))
        let name = HistoryKey(endpoint: lobby.endpoint.path, channel: key.name)
        ChannelHistory.open(name, in: store, cache: self.core.history, on: self.loop) { self.opened(key, $0) }
    }

    private func opened(_ key: ChannelKey, _ result: Result<ChannelHistory, PondError>) {
        guard case .opening(let waiting)? = self.histories[key]?.state else { return }
        switch result {
        case .success(let history): self.histories[key]?.state = .open(history)
        // The next join asks the store again.
        case .failure: self.histories[key] = nil
        }
        for then in waiting { then(result) }
    }

    /// The open history of a channel that begins to live, which holds it until `releaseHistory`.
    func holdHistory(of key: ChannelKey) -> ChannelHistory? {
        guard case .open(let history)? = self.histories[key]?.state else { return nil }
        self.histories[key]?.users += 1
        return history
    }

    /// Gives a place back; with the last one the history is let go.
    func releaseHistory(of key: ChannelKey) {
        guard var slot = self.histories[key] else { return }
        slot.users -= 1
        guard slot.users <= 0 else {
            self.histories[key] = slot
            return
        }
        self.histories[key] = nil
        if case .open(let history) = slot.state { history.close() }
    }
}
