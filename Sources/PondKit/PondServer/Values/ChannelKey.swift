/// What names a channel within a server: channels of the same name at two endpoints are two.
struct ChannelKey: Sendable, Hashable {
    let endpoint: Int
    let name: String

    /// The index of the channel's home among `count` shards; the same on every run (FNV-1a over the name).
    func home(of shards: Int) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(truncatingIfNeeded: self.endpoint)
        for byte in self.name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return Int((hash ^ (hash >> 32)) % UInt64(max(shards, 1)))
    }
}
