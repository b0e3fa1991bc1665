/// Everything there is to show about a connection at one moment.
public struct ConnectionStatus: Sendable, Hashable {
    /// Where the connection stands.
    public var state: ConnectionState
    /// Why it stands there.
    public var reason: ConnectionReason
    /// Since when.
    public var since: MonotonicTime
    /// The number of the try that runs or comes next, from 1; 0 when none does.
    public var attempt: Int
    /// When the next try starts, while one is waited for.
    public var nextTry: MonotonicTime?
    /// How long the peer took to answer the last ping.
    public var lag: Duration?
    /// When the peer was last heard of.
    public var lastHeard: MonotonicTime?
    /// Whether the server gave back the session that was lost; `nil` until there was one to give back.
    public var resumed: Bool?
    /// The user id the server gave us.
    public var userId: String?

    /// The seconds until the next try, rounded up, for a countdown.
    public func secondsToNextTry(at now: MonotonicTime) -> Int? {
        self.nextTry.map { max(0, Int(($0 - now).inSeconds.rounded(.up))) }
    }
}
