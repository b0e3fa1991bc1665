internal import Synchronization

/// A connection as every shard may know it: all but one counter never changes.
final class ConnectionIdentity: Sendable {
    let info: ConnectionInfo
    let shard: Shard
    let since: MonotonicTime
    /// Messages of this connection that wait or whose handler has not finished.
    let unfinished = Atomic<Int>(0)

    var userId: String { self.info.userId }

    init(info: ConnectionInfo, shard: Shard, since: MonotonicTime) {
        self.info = info
        self.shard = shard
        self.since = since
    }
}
