/// All shards of a server.
///
/// `@unchecked Sendable`: `shards` is set before the first connection and emptied after the last loop stopped.
final class ShardGroup: @unchecked Sendable {
    fileprivate(set) var shards: [Shard] = []

    func fill(_ shards: [Shard]) { self.shards = shards }

    func empty() { self.shards = [] }

    func home(of key: ChannelKey) -> Shard { self.shards[key.home(of: self.shards.count)] }
}
