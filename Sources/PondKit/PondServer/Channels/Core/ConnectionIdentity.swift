import PondCore
import PondRuntime
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
    /// Guards `latest` of every identity: it is written when a session is resumed, and read by few.
    private static let lock = Lock(())
    private nonisolated(unsafe) var latest: Latest?

    private final class Latest: Sendable {
        let info: ConnectionInfo

        init(_ info: ConnectionInfo) { self.info = info }
    }

    /// What is known of the connection's latest socket: a resumed session may have another address and transport.
    var current: ConnectionInfo { Self.lock.withLock { _ in self.latest }?.info ?? self.info }

    /// The session was resumed by this socket.
    func resumed(by socket: ConnectionInfo) {
        let latest = Latest(socket)
        Self.lock.withLock { _ in self.latest = latest }
    }

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
