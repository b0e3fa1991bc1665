public import PondCore
public import PondRuntime

/// How a server behaves; everything has a default that is safe to run with.
public struct PondOptions: Sendable {
    /// The bounds of everything a peer can drive up.
    public var limits = Limits.default
    /// Calls at the turning points.
    public var hooks = PondHooks()
    /// The metrics collector; the default collects nothing.
    public var metrics: any MetricsCollector = NoopMetrics()
    /// Where details of failures go.
    public var log: any PondLog = StandardErrorLog()
    /// The pages that may connect.
    public var allowedOrigins = AllowedOrigins.any
    /// The addresses of proxies whose `X-Forwarded-For` is believed, as `10.0.0.1` or `10.0.0.0/8`.
    public var trustedProxies: [String] = []
    /// How the loops that `start(threads:)` makes write to their connections.
    public var sending = SendingMethod.batched

    /// The other nodes that this server acts with as one; `nil` where it is alone.
    public var cluster: ClusterOptions?

    /// The defaults.
    public init() {}
}
