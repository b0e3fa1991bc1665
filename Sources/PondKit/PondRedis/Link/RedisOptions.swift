public import PondCore
public import PondNet
import PondRuntime

/// How a `RedisPubSub` behaves; everything has a default that is safe to run with.
public struct RedisOptions: Sendable {
    /// Whom to trust where the address asks for TLS.
    public var tls = TLSClientConfiguration()
    /// How long an attempt to connect and to be let in may take.
    public var connectTimeout: Duration = .seconds(5)
    /// How long to wait between attempts.
    public var backoff = Backoff(first: .milliseconds(50), factor: 2, cap: .seconds(5))
    /// How often the server is asked whether it is there; one that does not answer in as much time is given up.
    public var pingInterval: Duration = .seconds(5)
    /// Messages that wait for the server; more than that and the oldest are lost, and counted.
    public var waitingMessages = 10_000
    /// Bytes of messages that wait for the server.
    public var waitingBytes = 32 * 1024 * 1024
    /// Bytes of one message that the server may send.
    public var messageBytes = 32 * 1024 * 1024
    /// Uses sharded publishing (`SPUBLISH`, `SSUBSCRIBE`) of a Redis Cluster.
    ///
    /// All topics must live in one slot: give the cluster's prefix a hash tag, as in `{pondsocket}`. The other
    /// runtimes publish unsharded and are not heard.
    public var isSharded = false
    /// Where trouble is told.
    public var log: any PondLog = StandardErrorLog()

    /// Asked for the server's addresses at every attempt to connect: after a failover the name leads elsewhere.
    package var resolver = Resolver.shared

    public init() {}
}
