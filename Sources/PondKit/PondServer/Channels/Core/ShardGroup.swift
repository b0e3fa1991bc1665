import PondRuntime

/// All shards of a server, for callers on any thread; on its loop a shard uses its `peers`.
final class ShardGroup: Sendable {
    private let state = Lock<[Shard]>([])

    /// The shards; none before the server was started and after it was stopped.
    var shards: [Shard] { self.state.withLock { $0 } }

    /// The shards come, before the first connection does.
    func fill(_ shards: [Shard]) {
        for shard in shards { shard.peers = shards }
        self.state.withLock { $0 = shards }
    }

    /// The loops have stopped, or nothing of the server happens on them any more.
    func empty() { self.state.withLock { $0 = [] } }

    /// The shard that is home to a channel; `nil` where there are none.
    func home(of key: ChannelKey) -> Shard? { key.home(among: self.shards) }
}

extension ChannelKey {
    /// The home shard of the channel; `nil` if there are no shards.
    func home(among shards: [Shard]) -> Shard? {
        shards.isEmpty ? nil : shards[self.home(of: shards.count)]
    }
}
