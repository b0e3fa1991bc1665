import PondCore
import PondRuntime

/// Looking for a connection beside its own loop.
extension PondSocket {
    /// Whether any loop of the server has a connection of this id, with a socket.
    func hasConnection(_ id: String) async -> Bool {
        guard let key = PondID.bits(id) else { return false }
        for shard in self.core.group.shards {
            if (try? await shard.loop.run { shard.connections[key]?.isAway == false }) == true { return true }
        }
        return false
    }
}
