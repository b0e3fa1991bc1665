internal import Synchronization

/// A connection as every shard may know it: all but one counter never changes.
final class ConnectionIdentity: Sendable {
    let info: ConnectionInfo
    let shard: Shard
    let since: MonotonicTime
    /// The client, beyond its session; `nil` for a client that keeps no sessions.
    let client: ClientID?
    /// Whether the client was here before, in a session that is over: what it repeats may have been handled then.
    let isReturning: Bool
    /// Its session, where other nodes may take it.
    let shared: SharedSession?
    /// Messages of this connection that wait or whose handler has not finished.
    let unfinished = Atomic<Int>(0)

    var userId: String { self.info.userId }

    init(
        info: ConnectionInfo,
        shard: Shard,
        since: MonotonicTime,
        client: ClientID?,
        isReturning: Bool,
        shared: SharedSession? = nil
    ) {
        self.info = info
        self.shard = shard
        self.since = since
        self.client = client
        self.isReturning = isReturning
        self.shared = shared
    }
}
